import ControlPlane
import Crypto
import Foundation
import MeshModel
import SwiftASN1
import Testing
import X509

@Suite("Certificates of users")
struct ClientCertificateTests {
    private static func authority() throws -> (Authority, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        return (try Authority.loadOrCreate(directory: directory.path + "/ca", trustDomain: "cluster.local"), directory)
    }

    private static func request(
        names: [String], groups: [String], country: Bool = false, signedBy other: P256.Signing.PrivateKey? = nil
    ) throws -> String {
        let key = P256.Signing.PrivateKey()
        let subject = try DistinguishedName {
            for group in groups { OrganizationName(group) }
            for name in names { CommonName(name) }
            if country { CountryName("DE") }
        }
        var request = try CertificateSigningRequest(
            version: .v1, subject: subject, privateKey: Certificate.PrivateKey(key),
            attributes: CertificateSigningRequest.Attributes(), signatureAlgorithm: .ecdsaWithSHA256)
        if let other {
            request = try CertificateSigningRequest(
                version: .v1, subject: subject, publicKey: Certificate.PublicKey(other.publicKey),
                attributes: CertificateSigningRequest.Attributes(), signatureAlgorithm: .ecdsaWithSHA256,
                signature: request.signature)
        }
        return try request.serializeAsPEM().pemString
    }

    @Test("the subject is the user and the roles, the purpose is a client's, and the life is bounded")
    func signing() throws {
        let (authority, directory) = try Self.authority()
        defer { withExtendedLifetime(directory) {} }
        let csr = try Self.request(names: ["jane@example.com"], groups: ["ambit:editor:shop", "ambit:reader:other"])
        for (asked, days) in [(0.0, 90.0), (86_400, 1), (1e10, 365)] {
            let signed = try authority.signClientCertificate(csrPEM: csr, requestedLifetime: asked)
            let leaf = try Certificate(pemEncoded: signed.chainPEM)
            #expect(signed.user == "jane@example.com")
            #expect(signed.groups == ["ambit:editor:shop", "ambit:reader:other"])
            #expect(abs(leaf.notValidAfter.timeIntervalSinceNow - days * 86_400) < 60)
            #expect(try leaf.extensions.extendedKeyUsage == ExtendedKeyUsage([.clientAuth]))
            #expect(try leaf.extensions.subjectAlternativeNames == nil)
        }
    }

    @Test(
        "what is no user or no role is refused by name",
        arguments: [
            (["jane"], [], "role"), (["jane"], ["system:masters"], "system:masters"),
            ([], ["ambit:readers"], "common name"),
            (["a", "b"], ["ambit:readers"], "common name"), (["system:admin"], ["ambit:readers"], "common name"),
            (["-x"], ["ambit:readers"], "common name"), (["a b"], ["ambit:readers"], "common name"),
            (["a\nb"], ["ambit:readers"], "common name"), (["jane"], ["ambit:editor:Shop"], "no role"),
        ] as [([String], [String], String)])
    func refusals(_ names: [String], _ groups: [String], _ word: String) throws {
        let (authority, directory) = try Self.authority()
        defer { withExtendedLifetime(directory) {} }
        let csr = try Self.request(names: names, groups: groups)
        let error = #expect(throws: AuthorityError.self) {
            try authority.signClientCertificate(csrPEM: csr, requestedLifetime: 0)
        }
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }

    @Test("other parts of a name, and a request of another's key, are refused")
    func forgeries() throws {
        let (authority, directory) = try Self.authority()
        defer { withExtendedLifetime(directory) {} }
        let more = try Self.request(names: ["jane"], groups: ["ambit:readers"], country: true)
        let stolen = try Self.request(names: ["jane"], groups: ["ambit:readers"], signedBy: P256.Signing.PrivateKey())
        for csr in [more, stolen, "no request"] {
            #expect(throws: AuthorityError.self) {
                try authority.signClientCertificate(csrPEM: csr, requestedLifetime: 0)
            }
        }
    }
}
