package import LinuxSystem

/// The addresses of a host name.
package struct ResolvedName: Sendable, Hashable {
    /// At least one, of both families, the ones to prefer first; the ports are 0.
    package let addresses: [SocketAddress]
    /// Addresses that the name has besides, beyond the resolver's bound.
    package let dropped: Int
    /// How long they may be used: the shortest of the records' times.
    package let timeToLive: Duration

    /// Groups an answer.
    package init(addresses: [SocketAddress], dropped: Int = 0, timeToLive: Duration) {
        self.addresses = addresses
        self.dropped = dropped
        self.timeToLive = timeToLive
    }
}
