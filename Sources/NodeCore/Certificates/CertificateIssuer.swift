package import MeshModel
package import TLSEngine

/// Where certificates come from: the authority over gRPC, or a directory of files.
///
/// Confined to the control loop; `completion` is called exactly once, on it.
package protocol CertificateIssuer: AnyObject {
    /// Asks for a certificate of `identity`. A failure is a sentence for the log and for the refused connection.
    func issue(
        _ identity: SPIFFEIdentity, completion: @escaping (Result<TLSIdentityMaterial, CertificateFailure>) -> Void)
}
