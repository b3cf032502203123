/// Where a waypoint or a network gateway is.
package struct GatewayAddress: Hashable, Sendable, CustomStringConvertible {
    /// The two ways to name it.
    package enum Destination: Hashable, Sendable {
        /// A service, or a workload by its host name.
        case hostname(ServiceName)
        /// A service or a workload by its address.
        case address(NetworkAddress)
    }

    /// What it is called.
    package let destination: Destination
    /// Its HBONE port.
    package let port: UInt16

    /// The gateway at `destination`.
    package init(_ destination: Destination, port: UInt16 = Ports.hbone) {
        self.destination = destination
        self.port = port
    }

    package var description: String {
        switch destination {
        case .hostname(let name): "\(name):\(port)"
        case .address(let address): "\(address):\(port)"
        }
    }
}
