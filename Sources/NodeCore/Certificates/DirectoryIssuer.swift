package import MeshModel
package import TLSEngine

/// Certificates out of a directory (AMBIT_CERT_DIR): `<namespace>__<service account>.crt` and `.key`, and `root.crt`.
///
/// Confined to the control loop. The files are read again at every renewal, so replaced files come into use without a restart.
package final class DirectoryIssuer: CertificateIssuer {
    private let directory: String

    /// Reads from `directory`.
    package init(directory: String) {
        self.directory = directory
    }

    package func issue(
        _ identity: SPIFFEIdentity, completion: @escaping (Result<TLSIdentityMaterial, CertificateFailure>) -> Void
    ) {
        completion(Result { () throws(CertificateFailure) in try read(identity) })
    }

    private func read(_ identity: SPIFFEIdentity) throws(CertificateFailure) -> TLSIdentityMaterial {
        let name = "\(identity.namespace)__\(identity.serviceAccount)"
        return TLSIdentityMaterial(
            certificateChainPEM: try file(name + ".crt", identity), privateKeyPEM: try file(name + ".key", identity),
            rootsPEM: try file("root.crt", identity))
    }

    private func file(_ name: String, _ identity: SPIFFEIdentity) throws(CertificateFailure) -> String {
        do throws(StateDirectoryError) {
            return String(decoding: try StateDirectory.readFile("\(directory)/\(name)"), as: UTF8.self)
        } catch {
            throw CertificateFailure("no certificate for \(identity.uri): \(error)")
        }
    }
}
