package import MeshModel
import MeshTelemetry
package import TLSEngine

extension IssuedCertificate {
    /// Takes material only if its leaf is the certificate of `identity`, and valid now.
    package init(
        checking material: TLSIdentityMaterial, identity: SPIFFEIdentity, now: Int64
    ) throws(CertificateFailure) {
        let facts: CertificateFacts
        do throws(TLSError) {
            facts = try CertificateFacts.parse(pem: material.certificateChainPEM)
        } catch {
            throw CertificateFailure("the certificate for \(identity.uri) cannot be read: \(error)")
        }
        guard facts.uriNames.contains(identity.uri) else {
            let names = facts.uriNames.isEmpty ? "no URI name" : facts.uriNames.joined(separator: ", ")
            throw CertificateFailure("the certificate for \(identity.uri) carries \(names)")
        }
        guard facts.notAfter > now else {
            throw CertificateFailure(
                "the certificate for \(identity.uri) expired at \(Timestamp.text(seconds: facts.notAfter))")
        }
        self.init(material: material, notBefore: facts.notBefore, notAfter: facts.notAfter)
    }
}
