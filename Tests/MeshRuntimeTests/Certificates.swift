import TLSEngine
import TestCertificates

/// One identity that is client and server at once.
enum Certificates {
    static let identity = "spiffe://cluster.local/ns/test/sa/echo"
    static let shared = Result { try Pair() }

    struct Pair: Sendable {
        let client: TLSContext
        let server: TLSContext
        let stranger: TLSContext

        init() throws {
            let authority = try TestAuthority()
            let issued = try authority.issue(.init(Certificates.identity))
            let other = try authority.issue(.init("spiffe://elsewhere/ns/test/sa/echo"))
            func material(_ issued: TestAuthority.Issued) -> TLSIdentityMaterial {
                TLSIdentityMaterial(
                    certificateChainPEM: issued.certificatePEM, privateKeyPEM: issued.keyPEM,
                    rootsPEM: authority.rootPEM)
            }
            client = try TLSContext(
                role: .client, material: material(issued), verification: .identities([Certificates.identity]))
            server = try TLSContext(
                role: .server, material: material(issued), verification: .trustDomain("cluster.local"))
            stranger = try TLSContext(
                role: .client, material: material(other), verification: .identities([Certificates.identity]))
        }
    }
}
