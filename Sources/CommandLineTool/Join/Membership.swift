/// What joining brought: everything that the node's files are made of.
struct Membership: Equatable, Sendable {
    let node: String
    let trustDomain: String
    /// The node's chain, leaf first, PEM.
    let certificate: String
    /// PKCS#8 PEM; made on this host.
    let key: String
    /// PEM.
    let roots: String
    /// RFC 3339.
    let notAfter: String
    /// Where ztunnel connects to, on the same host.
    let controlPort: Int
    let grants: [String]
}
