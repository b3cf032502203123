package import LinuxSystem

/// What two captured connections must agree on to share a tunnel (Z 2.5). The source identity is not in it: each enrolled
/// workload has a pool of its own.
package struct TunnelKey: Hashable, Sendable {
    /// The HBONE address to dial.
    package let address: SocketAddress
    /// The client's address without its port, since tunnels keep to one source.
    package let source: SocketAddress
    /// The server name that selects the peer's certificate (D4).
    package let serverName: String?
    /// The identities one of which the peer must prove.
    package let expectedIdentities: [String]

    /// Makes the key; the port of `source` is left out.
    package init(address: SocketAddress, source: SocketAddress, serverName: String?, expectedIdentities: [String]) {
        self.address = address
        self.source = source.with(port: 0)
        self.serverName = serverName
        self.expectedIdentities = expectedIdentities
    }
}
