import MeshModel
import TLSEngine
import Testing
import WaypointCore

@Suite struct GatewayTLSSettingsTests {
    private static func spec(_ tls: String) throws -> GatewaySpec.ServerTLS {
        let text =
            #"{"spec":{"servers":[{"port":{"number":443,"name":"x","protocol":"HTTPS"},"hosts":["*"],"tls":\#(tls)}]}}"#
        return try #require(try GatewaySpec(try JSONValue(parsing: Array(text.utf8))).servers.first?.tls)
    }

    private static func secret(_ data: [String: String]) throws -> SecretSpec {
        let members = data.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        return try SecretSpec(try JSONValue(parsing: Array("{\"stringData\":{\(members)}}".utf8)))
    }

    private static func make(
        _ tls: String, _ secrets: [String: [String: String]] = [:], files: [String: String] = [:]
    ) throws -> PublicTLSServerSettings {
        let found = try secrets.mapValues { try secret($0) }
        return try GatewayTLSSettings.make(
            try spec(tls), isHTTP: true, secret: { found[$0] },
            file: { path throws(TLSError) in
                guard let text = files[path] else { throw TLSError(.material, "the file \(path) cannot be read: gone") }
                return text
            })
    }

    private static func refusal(
        _ tls: String, _ secrets: [String: [String: String]] = [:], files: [String: String] = [:]
    ) throws -> String {
        var text = ""
        do {
            _ = try make(tls, secrets, files: files)
        } catch let refusal as GatewayTLSSettings.Refusal {
            text = refusal.description
        }
        return text
    }

    private static let pair = ["tls.crt": "chain", "tls.key": "key"]

    @Test func bothFormsOfASecretAreRead() throws {
        for data in [Self.pair, ["cert": "chain", "key": "key"]] {
            let made = try Self.make(#"{"mode":"SIMPLE","credentialName":"web"}"#, ["web": data])
            #expect(made.certificates == [TLSCertificate(chainPEM: "chain", keyPEM: "key")])
            #expect(made.clients == .notAsked && made.lowest == .tls12 && made.highest == .tls13)
        }
    }

    @Test func theRootsOfClientsAreFoundInTheirOrder() throws {
        let mutual = #"{"mode":"MUTUAL","credentialName":"web"}"#
        func roots(_ tls: String, _ more: [String: [String: String]], own: String? = nil) throws -> String {
            var pair = Self.pair
            pair["ca.crt"] = own
            guard
                case .required(.roots(let text, _), .any) = try Self.make(tls, more.merging(["web": pair]) { $1 })
                    .clients
            else { return "none" }
            return text
        }
        #expect(try roots(mutual, [:], own: "own") == "own")
        #expect(try roots(mutual, ["web-cacert": ["cacert": "beside"]], own: "own") == "beside")
        let named = #"{"mode":"MUTUAL","credentialName":"web","caCertCredentialName":"roots"}"#
        #expect(try roots(named, ["roots": ["ca.crt": "named"]], own: "own") == "named")
        #expect(try Self.refusal(mutual, ["web": Self.pair]).contains("neither a Secret web-cacert nor web has ca.crt"))
        #expect(try Self.refusal(named, ["web": Self.pair]).contains("there is no Secret roots with ca.crt"))
        let optional = #"{"mode":"OPTIONAL_MUTUAL","credentialName":"web","subjectAltNames":["a.com"]}"#
        let made = try Self.make(optional, ["web": Self.pair.merging(["ca.crt": "own"]) { $1 }])
        #expect(made.clients == .optional(.roots("own", revocations: nil), .oneOf(["a.com"])))
    }

    @Test func versionsAndSuitesArePassedOn() throws {
        let made = try Self.make(
            #"{"credentialName":"web","minProtocolVersion":"TLSV1_3","cipherSuites":["ECDHE-RSA-AES128-GCM-SHA256"]}"#,
            ["web": Self.pair])
        #expect(made.lowest == .tls13 && made.cipherSuites == ["ECDHE-RSA-AES128-GCM-SHA256"])
        let old = try Self.make(#"{"credentialName":"web","maxProtocolVersion":"TLSV1_2"}"#, ["web": Self.pair])
        #expect(old.lowest == .tls12 && old.highest == .tls12)
    }

    @Test(arguments: [
        (#"{"credentialName":"web"}"#, "there is no Secret web"),
        (
            #"{"serverCertificate":"/a","privateKey":"/b"}"#,
            "the file /a cannot be read: gone; put it on the gateway's host, readable by root"
        ),
        (#"{"serverCertificate":"/crt"}"#, "write credentialName, or serverCertificate and privateKey"),
        (#"{"credentialName":"web","maxProtocolVersion":"TLSV1_1"}"#, "there is no Secret web"),
        (#"{\#(files),"verifyCertificateHash":["aa"]}"#, "verifyCertificateHash is about certificates of clients"),
        (#"{\#(files),"verifyCertificateSpki":["aa"]}"#, "and SIMPLE asks for none: remove one of the two"),
        (#"{\#(files),"caCrl":"/a"}"#, "caCrl is about certificates of clients, and SIMPLE asks for none"),
        (
            #"{\#(files),"mode":"MUTUAL","subjectAltNames":["a"],"insecureSkipVerify":true}"#,
            "subjectAltNames is about certificates of clients, and insecureSkipVerify would take any"
        ),
        (#"{\#(files),"mode":"MUTUAL"}"#, "write caCertificates"),
        (#"{\#(files),"mode":"MUTUAL","caCertificates":"/gone"}"#, "the file /gone cannot be read"),
        (#"{\#(files),"mode":"MUTUAL","caCertificates":"/ca","caCrl":"/gone"}"#, "the file /gone cannot be read"),
        (
            #"{\#(files),"mode":"MUTUAL","caCertificates":"/ca","verifyCertificateHash":["aa"]}"#,
            "verifyCertificateHash: aa is no SHA-256 in hexadecimal"
        ),
        (
            #"{\#(files),"mode":"MUTUAL","caCertificates":"/ca","verifyCertificateSpki":["aa"]}"#,
            "verifyCertificateSpki: aa is no SHA-256 in base64"
        ),
    ])
    func whatCannotBeHeldIsRefusedByName(_ tls: String, _ reason: String) throws {
        let refusal = try Self.refusal(tls, files: Self.onDisk)
        #expect(refusal.contains(reason), "\(refusal)")
    }

    private static let files = #""serverCertificate":"/crt","privateKey":"/key""#
    private static let onDisk = ["/crt": "chain", "/key": "key", "/ca": "roots", "/crl": "list"]

    @Test func filesAreReadAsSecretsAre() throws {
        let made = try Self.make("{\(Self.files)}", files: Self.onDisk)
        #expect(made.certificates == [TLSCertificate(chainPEM: "chain", keyPEM: "key")] && made.clients == .notAsked)
        let mutual = try Self.make(
            #"{\#(Self.files),"mode":"MUTUAL","caCertificates":"/ca","caCrl":"/crl"}"#, files: Self.onDisk)
        #expect(mutual.clients == .required(.roots("roots", revocations: "list"), .any))
        let optional = try Self.make(
            #"{\#(Self.files),"mode":"OPTIONAL_MUTUAL","caCertificates":"/ca"}"#, files: Self.onDisk)
        #expect(optional.clients == .optional(.roots("roots", revocations: nil), .any))
        let named = try Self.make(
            #"{\#(Self.files),"mode":"MUTUAL","caCertCredentialName":"r","caCrl":"/crl"}"#, ["r": ["ca.crt": "named"]],
            files: Self.onDisk)
        #expect(named.clients == .required(.roots("named", revocations: "list"), .any))
    }

    @Test func severalPairsOfFilesMayBringTheirRoots() throws {
        func pair(_ name: String, roots: String) -> String {
            #"{"serverCertificate":"/\#(name).crt","privateKey":"/\#(name).key","caCertificates":"\#(roots)"}"#
        }
        let files = ["/a.crt": "a", "/a.key": "A", "/b.crt": "b", "/b.key": "B", "/1": "one", "/2": "two"]
        let pairs =
            #""tlsCertificates":[\#(pair("a", roots: "/1")),\#(pair("b", roots: "/2")),\#(pair("gone", roots: "/3"))]"#
        let made = try Self.make(#"{"mode":"MUTUAL",\#(pairs)}"#, files: files)
        #expect(
            made.certificates == [
                TLSCertificate(chainPEM: "a", keyPEM: "A"), TLSCertificate(chainPEM: "b", keyPEM: "B"),
            ])
        #expect(made.clients == .required(.roots("one\ntwo", revocations: nil), .any))
        let own = try Self.make(#"{"mode":"MUTUAL","caCertificates":"/2",\#(pairs)}"#, files: files)
        #expect(own.clients == .required(.roots("two", revocations: nil), .any))
    }

    @Test func aSecretBringsItsListOfRevocations() throws {
        for (roots, list) in [("ca.crt", "ca.crl"), ("cacert", "crl")] {
            let secrets = ["web": Self.pair, "web-cacert": [roots: "roots", list: "list"]]
            let made = try Self.make(#"{"mode":"MUTUAL","credentialName":"web"}"#, secrets)
            #expect(made.clients == .required(.roots("roots", revocations: "list"), .any))
        }
    }

    @Test func pinsAndSkippingReachTheServer() throws {
        let clients = #"{\#(Self.files),"mode":"MUTUAL","caCertificates":"/ca","#
        let digest = String(repeating: "ab", count: 32)
        let made = try Self.make(
            clients
                + #""verifyCertificateHash":["\#(digest)"],"verifyCertificateSpki":["\#(String(repeating: "A", count: 43))="]}"#,
            files: Self.onDisk)
        #expect(made.pins.certificates == [[UInt8](repeating: 0xab, count: 32)])
        #expect(made.pins.keys == [[UInt8](repeating: 0, count: 32)])
        let skipping = try Self.make(clients + #""insecureSkipVerify":true}"#, files: Self.onDisk)
        #expect(skipping.clients == .unverified(isRequired: true))
        let optional = #"{\#(Self.files),"mode":"OPTIONAL_MUTUAL","caCertificates":"/ca","insecureSkipVerify":true}"#
        #expect(try Self.make(optional, files: Self.onDisk).clients == .unverified(isRequired: false))
    }

    @Test func aSecretWithoutAPairIsRefused() throws {
        let refusal = try Self.refusal(#"{"credentialName":"web"}"#, ["web": ["ca.crt": "roots"]])
        #expect(refusal == "the Secret web has no tls.crt and tls.key")
    }
}
