import MeshModel
import NodeCore
import TLSEngine
import TestCertificates

/// The waypoint's certificate, and that of the endpoint's ztunnel, of one authority.
final class TunnelCertificates: CertificateSource {
    static let shared = Result { try TunnelCertificates() }

    /// The endpoint's.
    let server: TLSContext
    private let client: TLSContext

    private init() throws {
        let authority = try TestAuthority()
        func material(_ account: String) throws -> TLSIdentityMaterial {
            let issued = try authority.issue(.init("spiffe://cluster.local/ns/shop/sa/\(account)"))
            return TLSIdentityMaterial(
                certificateChainPEM: issued.certificatePEM, privateKeyPEM: issued.keyPEM, rootsPEM: authority.rootPEM)
        }
        client = try TLSContext(role: .client, material: try material("waypoint"), verification: .identities([]))
        server = try TLSContext(
            role: .server, material: try material("default"), verification: .trustDomain("cluster.local"))
    }

    var generation: UInt64 { 1 }

    func context(for identity: SPIFFEIdentity, role: TLSRole) -> CertificateLookup {
        .ready(role == .client ? client : server)
    }

    func fetch(_ identity: SPIFFEIdentity, completion: @escaping @Sendable (_ failure: String?) -> Void) {
        completion(nil)
    }
}
