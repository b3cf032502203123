import MeshModel
import NodeCore
import TLSEngine
import ZtunnelCore

/// Certificates of a test's authority, issued at once.
final class AuthorityFiles: CertificateIssuer {
    private let authority: TestAuthority

    init(_ authority: TestAuthority) {
        self.authority = authority
    }

    func issue(
        _ identity: SPIFFEIdentity, completion: @escaping (Result<TLSIdentityMaterial, CertificateFailure>) -> Void
    ) {
        do {
            completion(.success(try authority.material(identity)))
        } catch {
            completion(.failure(CertificateFailure("\(error)")))
        }
    }
}
