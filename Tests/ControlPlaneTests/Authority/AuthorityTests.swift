import ControlPlane
import Foundation
import SwiftASN1
import Testing
import X509

@Suite("Certificate authority")
struct AuthorityTests {
    static let identity = "spiffe://cluster.local/ns/shop/sa/web"

    @Test("a first start makes a ten-year P-256 root with private files, and the next start loads the same one")
    func firstStart() throws {
        let directory = try TemporaryDirectory()
        let ca = directory.path + "/state/ca"
        let first = try Authority.loadOrCreate(directory: ca, trustDomain: "cluster.local")
        let second = try Authority.loadOrCreate(directory: ca, trustDomain: "cluster.local")
        #expect(first.rootsPEM == second.rootsPEM)
        #expect(try directory.mode("state/ca") == 0o700)
        #expect(try directory.mode("state/ca/root.key") == 0o600)
        #expect(try directory.mode("state/ca/root.crt") == 0o644)
        let root = try Certificate(pemEncoded: first.rootsPEM)
        #expect(String(describing: root.publicKey) == "P256.PublicKey")
        #expect(abs(root.notValidAfter.timeIntervalSinceNow - 10 * 365 * 86_400) < 60)
    }

    @Test("openssl verifies a leaf for server and client use, and finds the name, no subject, and a random serial")
    func leafByOpenSSL() throws {
        let directory = try TemporaryDirectory()
        let authority = try Authority.loadOrCreate(directory: directory.path, trustDomain: "cluster.local")
        let csr = try OpenSSL.request(names: "URI:\(Self.identity)", in: directory)
        let signed = try authority.signWorkloadCertificate(
            csrPEM: csr, identity: Self.identity, requestedLifetime: 3_600)
        #expect(signed.chain.count == 2)
        try directory.write(signed.chain[0], "leaf.crt")
        for purpose in ["sslserver", "sslclient"] {
            try OpenSSL.run(
                ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", "root.crt", "leaf.crt"], in: directory)
        }
        let text = try OpenSSL.run(["x509", "-in", "leaf.crt", "-noout", "-text"], in: directory)
        #expect(text.contains("X509v3 Subject Alternative Name: critical\n                URI:\(Self.identity)\n"))
        #expect(text.contains("TLS Web Server Authentication, TLS Web Client Authentication"))
        #expect(text.contains("CA:FALSE"))
        #expect(text.contains("Subject: \n") || text.contains("Subject:\n"))
        let again = try authority.signWorkloadCertificate(
            csrPEM: csr, identity: Self.identity, requestedLifetime: 3_600)
        #expect(signed.serialNumber != again.serialNumber)
        #expect(signed.serialNumber.count >= 36)
    }

    @Test(
        "validity is the least of what is asked, what is allowed and what the authority has left, backdated two minutes",
        arguments: [(0, 86_400), (-5, 86_400), (3_600, 3_600), (999_999, 86_400), (1e300, 86_400)] as [(Double, Double)]
    )
    func lifetimes(requested: Double, expected: Double) throws {
        let directory = try TemporaryDirectory()
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        var configuration = AuthorityConfiguration()
        configuration.now = { now }
        let authority = try Authority.loadOrCreate(
            directory: directory.path, trustDomain: "cluster.local", configuration: configuration)
        let csr = try OpenSSL.request(names: "URI:\(Self.identity)", in: directory)
        let signed = try authority.signWorkloadCertificate(
            csrPEM: csr, identity: Self.identity, requestedLifetime: requested)
        let leaf = try Certificate(pemEncoded: signed.chain[0])
        #expect(leaf.notValidAfter == now.addingTimeInterval(expected))
        #expect(leaf.notValidBefore == now.addingTimeInterval(-120))
    }

    @Test("nothing outlives the authority, and an expired authority signs nothing")
    func authorityEnds() throws {
        let directory = try TemporaryDirectory()
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        var configuration = AuthorityConfiguration()
        configuration.rootLifetime = 3_600
        configuration.now = { start }
        _ = try Authority.loadOrCreate(
            directory: directory.path, trustDomain: "cluster.local", configuration: configuration)
        let csr = try OpenSSL.request(names: "URI:\(Self.identity)", in: directory)
        let authority = try Authority.loadOrCreate(
            directory: directory.path, trustDomain: "cluster.local", configuration: configuration)
        let signed = try authority.signWorkloadCertificate(csrPEM: csr, identity: Self.identity, requestedLifetime: 0)
        #expect(signed.notAfter == start.addingTimeInterval(3_600))
        configuration.now = { start.addingTimeInterval(3_601) }
        #expect(throws: AuthorityError.self) {
            try Authority.loadOrCreate(
                directory: directory.path, trustDomain: "cluster.local", configuration: configuration)
        }
    }

    @Test(
        "a request that names anything but the one identity is refused",
        arguments: [
            "URI:spiffe://cluster.local/ns/shop/sa/admin", "DNS:web.shop",
            "URI:spiffe://cluster.local/ns/shop/sa/web,DNS:web.shop",
            "URI:spiffe://cluster.local/ns/shop/sa/web,URI:spiffe://cluster.local/ns/shop/sa/admin",
            "URI:spiffe://other.domain/ns/shop/sa/web", "IP:10.0.0.1",
        ])
    func wrongNames(names: String) throws {
        let directory = try TemporaryDirectory()
        let authority = try Authority.loadOrCreate(directory: directory.path, trustDomain: "cluster.local")
        let csr = try OpenSSL.request(names: names, in: directory)
        let error = #expect(throws: AuthorityError.self) {
            try authority.signWorkloadCertificate(csrPEM: csr, identity: Self.identity, requestedLifetime: 0)
        }
        #expect(error?.code == .refuseName)
        #expect(error?.message.contains(Self.identity) == true)
    }

    @Test("a request without names, and one whose signature was changed, are refused")
    func unsigned() throws {
        let directory = try TemporaryDirectory()
        let authority = try Authority.loadOrCreate(directory: directory.path, trustDomain: "cluster.local")
        try OpenSSL.run(
            [
                "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "k",
                "-subj", "/",
                "-out", "bare.csr",
            ], in: directory)
        #expect(throws: AuthorityError.self) {
            try authority.signWorkloadCertificate(
                csrPEM: directory.read("bare.csr"), identity: Self.identity, requestedLifetime: 0)
        }
        let csr = try OpenSSL.request(names: "URI:\(Self.identity)", in: directory)
        var bytes = try PEMDocument(pemString: csr).derBytes
        bytes[bytes.count - 1] ^= 1
        let forged = PEMDocument(type: "CERTIFICATE REQUEST", derBytes: bytes).pemString
        let error = #expect(throws: AuthorityError.self) {
            try authority.signWorkloadCertificate(csrPEM: forged, identity: Self.identity, requestedLifetime: 0)
        }
        #expect(error?.code == .refuseRequest)
    }

    @Test("every truncation and garbage is refused, and nothing traps")
    func malformed() throws {
        let directory = try TemporaryDirectory()
        let authority = try Authority.loadOrCreate(directory: directory.path, trustDomain: "cluster.local")
        let csr = try OpenSSL.request(names: "URI:\(Self.identity)", in: directory)
        let der = try PEMDocument(pemString: csr).derBytes
        for length in 0..<der.count {
            let cut = PEMDocument(type: "CERTIFICATE REQUEST", derBytes: Array(der[..<length])).pemString
            #expect(throws: AuthorityError.self) {
                try authority.signWorkloadCertificate(csrPEM: cut, identity: Self.identity, requestedLifetime: 0)
            }
        }
        let long = String(repeating: "A", count: authority.configuration.maximumRequestLength + 1)
        for text in ["", "hello", "-----BEGIN CERTIFICATE REQUEST-----\n", long] {
            #expect(throws: AuthorityError.self) {
                try authority.signWorkloadCertificate(csrPEM: text, identity: Self.identity, requestedLifetime: 0)
            }
        }
    }

    @Test(
        "allowed key types are signed, others are refused by name",
        arguments: [
            ("ec:P-256", true), ("ec:P-384", true), ("ec:P-521", true), ("rsa:2048", true), ("ed25519", false),
        ])
    func keyTypes(kind: String, isAllowed: Bool) throws {
        let directory = try TemporaryDirectory()
        let authority = try Authority.loadOrCreate(directory: directory.path, trustDomain: "cluster.local")
        let parts = kind.split(separator: ":").map(String.init)
        let key = parts[0] == "ec" ? ["ec", "-pkeyopt", "ec_paramgen_curve:\(parts[1])"] : [kind]
        let csr = try OpenSSL.request(names: "URI:\(Self.identity)", key: key, in: directory)
        if isAllowed {
            let signed = try authority.signWorkloadCertificate(
                csrPEM: csr, identity: Self.identity, requestedLifetime: 0)
            try directory.write(signed.chain[0], "leaf.crt")
            try OpenSSL.run(["verify", "-CAfile", "root.crt", "leaf.crt"], in: directory)
        } else {
            #expect(throws: AuthorityError.self) {
                try authority.signWorkloadCertificate(csrPEM: csr, identity: Self.identity, requestedLifetime: 0)
            }
        }
    }

    @Test("server, client and node certificates carry their names and verify")
    func otherKinds() throws {
        let directory = try TemporaryDirectory()
        let authority = try Authority.loadOrCreate(directory: directory.path, trustDomain: "cluster.local")
        let server = try authority.issueServerCertificate(names: ["ambitd.example", "127.0.0.1", "::1"])
        try directory.write(server.certificateChainPEM, "server.crt")
        try OpenSSL.run(
            [
                "verify", "-purpose", "sslserver", "-verify_hostname", "ambitd.example", "-CAfile", "root.crt",
                "server.crt",
            ],
            in: directory)
        try OpenSSL.run(["verify", "-verify_ip", "::1", "-CAfile", "root.crt", "server.crt"], in: directory)
        #expect(throws: AuthorityError.self) { try authority.issueServerCertificate(names: []) }

        let admin = try authority.issueClientCertificate(commonName: "ambit-admin", organization: "ambit:admins")
        try directory.write(admin.certificateChainPEM, "admin.crt")
        try directory.write(admin.privateKeyPEM, "admin.key")
        try OpenSSL.run(["verify", "-purpose", "sslclient", "-CAfile", "root.crt", "admin.crt"], in: directory)
        let subject = try OpenSSL.run(["x509", "-in", "admin.crt", "-noout", "-subject"], in: directory)
        #expect(subject.contains("O = ambit:admins, CN = ambit-admin"))
        #expect(throws: Never.self) {
            try OpenSSL.run(["pkey", "-in", "admin.key", "-check", "-noout"], in: directory)
        }

        let node = try authority.issueNodeCertificate(node: "host-a")
        try directory.write(node.certificateChainPEM, "node.crt")
        let text = try OpenSSL.run(["x509", "-in", "node.crt", "-noout", "-text"], in: directory)
        #expect(text.contains("URI:spiffe://cluster.local/ambit/node/host-a"))
    }

    @Test(
        "names that cannot be a node's are refused",
        arguments: [
            "", "Host", "a/b", "-a", "a-", "a..b", "a.-b", "a-.b", ".", "a_b", String(repeating: "a", count: 254),
        ])
    func nodeNames(name: String) throws {
        let directory = try TemporaryDirectory()
        let authority = try Authority.loadOrCreate(directory: directory.path, trustDomain: "cluster.local")
        #expect(throws: AuthorityError.self) { try authority.issueNodeCertificate(node: name) }
    }

    @Test("a plug-in intermediate signs, sends its chain, and the root comes last", arguments: ["ec", "rsa"])
    func pluginAuthority(kind: String) throws {
        let directory = try TemporaryDirectory()
        let key = kind == "ec" ? ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"] : ["rsa:2048"]
        try OpenSSL.run(
            ["req", "-x509", "-newkey"] + key + [
                "-nodes", "-keyout", "root-key.pem", "-subj", "/O=Example/CN=Root", "-days", "30", "-addext",
                "keyUsage=critical,keyCertSign", "-out", "root-cert.pem",
            ], in: directory)
        try OpenSSL.run(
            ["req", "-new", "-newkey"] + key + [
                "-nodes", "-keyout", "ca-key.pem", "-subj", "/O=Example/CN=Intermediate", "-out", "ca.csr",
            ], in: directory)
        try directory.write("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n", "ext")
        try OpenSSL.run(
            [
                "x509", "-req", "-in", "ca.csr", "-CA", "root-cert.pem", "-CAkey", "root-key.pem", "-CAcreateserial",
                "-days",
                "20", "-extfile", "ext", "-out", "ca-cert.pem",
            ], in: directory)
        try directory.write(directory.read("ca-cert.pem") + directory.read("root-cert.pem"), "cert-chain.pem")
        let authority = try Authority.loadOrCreate(directory: directory.path, trustDomain: "example.org")
        let identity = "spiffe://example.org/ns/shop/sa/web"
        let csr = try OpenSSL.request(names: "URI:\(identity)", in: directory)
        let signed = try authority.signWorkloadCertificate(csrPEM: csr, identity: identity, requestedLifetime: 0)
        #expect(signed.chain.count == 3)
        try directory.write(signed.chain[0], "leaf.crt")
        try directory.write(signed.chain[1], "mid.crt")
        try directory.write(signed.chain[2], "last.crt")
        try OpenSSL.run(
            ["verify", "-x509_strict", "-CAfile", "last.crt", "-untrusted", "mid.crt", "leaf.crt"], in: directory)
    }

    @Test("files that are there in part or do not belong together stop the start; nothing is replaced")
    func wrongFiles() throws {
        let directory = try TemporaryDirectory()
        _ = try Authority.loadOrCreate(directory: directory.path + "/a", trustDomain: "cluster.local")
        _ = try Authority.loadOrCreate(directory: directory.path + "/b", trustDomain: "cluster.local")
        try directory.write(directory.read("b/root.key"), "a/root.key")
        let mixed = #expect(throws: AuthorityError.self) {
            try Authority.loadOrCreate(directory: directory.path + "/a", trustDomain: "cluster.local")
        }
        #expect(mixed?.code == .unusableFiles)
        #expect(mixed?.message.contains("does not belong") == true)
        try FileManager.default.removeItem(atPath: directory.path + "/a/root.key")
        let keyless = #expect(throws: AuthorityError.self) {
            try Authority.loadOrCreate(directory: directory.path + "/a", trustDomain: "cluster.local")
        }
        #expect(keyless?.message.contains("root.key is missing") == true)
        try directory.write("x", "b/ca-cert.pem")
        let partial = #expect(throws: AuthorityError.self) {
            try Authority.loadOrCreate(directory: directory.path + "/b", trustDomain: "cluster.local")
        }
        #expect(partial?.message.contains("in part") == true)
    }

    @Test("a leaf certificate is refused as a CA")
    func leafAsAuthority() throws {
        let directory = try TemporaryDirectory()
        let authority = try Authority.loadOrCreate(directory: directory.path + "/a", trustDomain: "cluster.local")
        let node = try authority.issueNodeCertificate(node: "host-a")
        try FileManager.default.createDirectory(atPath: directory.path + "/b", withIntermediateDirectories: true)
        try directory.write(node.certificateChainPEM, "b/ca-cert.pem")
        try directory.write(node.privateKeyPEM, "b/ca-key.pem")
        try directory.write(node.rootsPEM, "b/root-cert.pem")
        let error = #expect(throws: AuthorityError.self) {
            try Authority.loadOrCreate(directory: directory.path + "/b", trustDomain: "cluster.local")
        }
        #expect(error?.message.contains("may not sign") == true)
    }
}
