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

    private static func make(_ tls: String, _ secrets: [String: [String: String]]) throws -> PublicTLSServerSettings {
        let found = try secrets.mapValues { try secret($0) }
        return try GatewayTLSSettings.make(try spec(tls), isHTTP: true) { found[$0] }
    }

    private static func refusal(_ tls: String, _ secrets: [String: [String: String]] = [:]) throws -> String {
        var text = ""
        do {
            _ = try make(tls, secrets)
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
        (#"{"serverCertificate":"/a","privateKey":"/b"}"#, "files"),
        (#"{"credentialName":"web","maxProtocolVersion":"TLSV1_1"}"#, "there is no Secret web"),
        (#"{"credentialName":"web","verifyCertificateHash":["aa"]}"#, "verifyCertificateHash is not served"),
        (#"{"credentialName":"web","verifyCertificateSpki":["aa"]}"#, "verifyCertificateSpki is not served"),
        (#"{"credentialName":"web","caCrl":"/a"}"#, "caCrl is not served"),
        (#"{"credentialName":"web","insecureSkipVerify":true}"#, "insecureSkipVerify is not served"),
    ])
    func whatCannotBeHeldIsRefusedByName(_ tls: String, _ reason: String) throws {
        let refusal = try Self.refusal(tls)
        #expect(refusal.contains(reason), "\(refusal)")
    }

    @Test func aSecretWithoutAPairIsRefused() throws {
        let refusal = try Self.refusal(#"{"credentialName":"web"}"#, ["web": ["ca.crt": "roots"]])
        #expect(refusal == "the Secret web has no tls.crt and tls.key")
    }
}
