import TLSEngine
import TestCertificates

/// The root and certificates that all cases share: making them is the slow part.
struct Fixture: Sendable {
    static let webURI = "spiffe://cluster.local/ns/default/sa/web"
    static let shopURI = "spiffe://cluster.local/ns/default/sa/shop"
    static let shared = Result { try Fixture() }

    let authority: TestAuthority
    let web: TestAuthority.Issued
    let shop: TestAuthority.Issued

    init() throws {
        authority = try TestAuthority()
        web = try authority.issue(.init(Self.webURI))
        shop = try authority.issue(.init(Self.shopURI))
    }

    func material(_ issued: TestAuthority.Issued, roots: String? = nil) -> TLSIdentityMaterial {
        TLSIdentityMaterial(
            certificateChainPEM: issued.certificatePEM, privateKeyPEM: issued.keyPEM,
            rootsPEM: roots ?? authority.rootPEM)
    }

    /// Shop connects to web; `client` and `server` replace their certificates.
    func join(
        client: TestAuthority.Issued? = nil, server: TestAuthority.Issued? = nil, expected: [String] = [Fixture.webURI],
        clientRoots: String? = nil, serverRoots: String? = nil
    ) throws -> JoinedSessions {
        let clientContext = try TLSContext(
            role: .client, material: material(client ?? shop, roots: clientRoots), verification: .identities([]))
        let serverContext = try TLSContext(
            role: .server, material: material(server ?? web, roots: serverRoots),
            verification: .trustDomain("cluster.local"))
        let pool = CiphertextPool()
        return JoinedSessions(
            try TLSSession(client: clientContext, serverName: nil, expectedIdentities: expected, pool: pool),
            try TLSSession(server: .fixed(serverContext), pool: pool))
    }
}
