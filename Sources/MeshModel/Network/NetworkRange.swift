/// A range of addresses together with the network that it means something in.
package struct NetworkRange: Hashable, Sendable, CustomStringConvertible {
    /// The network's name; empty is the default network.
    package let network: String
    /// The range in that network.
    package let range: CIDR

    /// The range `range` of `network`.
    package init(network: String, range: CIDR) {
        self.network = network
        self.range = range
    }

    package var description: String { "\(network)/\(range)" }
}
