/// An address together with the network that it means something in: networks may use the same addresses.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// The network's name; empty is the default network.
    package let network: String
    /// The address in that network.
    package let ip: IPAddress

    /// The address `ip` of `network`.
    package init(network: String, ip: IPAddress) {
        self.network = network
        self.ip = ip
    }

    /// The alias under which discovery knows it: "network/address".
    package var description: String { "\(network)/\(ip)" }
}
