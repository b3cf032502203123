import Crypto
import Foundation
import SwiftASN1
import X509

/// The key of a node, made on the node, and the request for its certificate. P-256, as all of the mesh.
struct NodeKey {
    private let key = P256.Signing.PrivateKey()

    /// PKCS#8 PEM, for a file of mode 0600.
    var pem: String { key.pemRepresentation + "\n" }

    /// A PKCS#10 request that names the node's URI and nothing else.
    func request(node: String, trustDomain: String) throws -> String {
        var extensions = Certificate.Extensions()
        try extensions.append(
            Certificate.Extension(
                SubjectAlternativeNames([.uniformResourceIdentifier("spiffe://\(trustDomain)/ambit/node/\(node)")]),
                critical: true))
        let attributes = try CertificateSigningRequest.Attributes([.init(ExtensionRequest(extensions: extensions))])
        let request = try CertificateSigningRequest(
            version: .v1, subject: DistinguishedName(), privateKey: Certificate.PrivateKey(key), attributes: attributes)
        return try request.serializeAsPEM().pemString + "\n"
    }

    /// Whether a chain's leaf is for this key.
    func isKey(ofChain pem: String) -> Bool {
        guard let leaf = try? PEMDocument.parseMultiple(pemString: pem).first.map({ try Certificate(pemDocument: $0) })
        else {
            return false
        }
        return leaf.publicKey == Certificate.PublicKey(key.publicKey)
    }
}
