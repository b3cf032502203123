import Crypto
import Foundation
import MeshModel
import SwiftASN1
import X509

/// A user's key, made here and never sent, and the request for its certificate: the subject is the user and the roles, in
/// Kubernetes' form (common name and organizations).
struct UserKey: Sendable {
    /// The key, PKCS#8 PEM.
    let keyPEM: String
    /// The signing request, PKCS#10 PEM.
    let requestPEM: String

    /// Makes a key; throws where the name does not fit into a certificate.
    init(user: String, roles: [AccessRole]) throws(CommandFailure) {
        let key = P256.Signing.PrivateKey()
        do {
            let subject = try DistinguishedName {
                for role in roles { OrganizationName(role.group) }
                CommonName(user)
            }
            let request = try CertificateSigningRequest(
                version: .v1, subject: subject, privateKey: Certificate.PrivateKey(key),
                attributes: CertificateSigningRequest.Attributes(), signatureAlgorithm: .ecdsaWithSHA256)
            requestPEM = try request.serializeAsPEM().pemString + "\n"
        } catch {
            throw CommandFailure(
                "--user: \"\(user)\" cannot be written into a certificate: \(error)",
                next: "use letters, digits and . _ @ -", status: .usage)
        }
        keyPEM = key.pemRepresentation + "\n"
    }
}
