package import LinuxSystem
package import MeshModel

extension IPAddress {
    /// The address of a socket address, without its port.
    package init(_ address: SocketAddress) {
        self.init(high: address.high, low: address.low, isIPv4: address.isIPv4)
    }
}

extension SocketAddress {
    /// An address and a port.
    package init(_ address: IPAddress, port: UInt16) {
        self.init(high: address.high, low: address.low, port: port, isIPv4: address.isIPv4)
    }

    /// The same, from the model's form.
    package init(_ address: TransportAddress) {
        self.init(address.ip, port: address.port)
    }
}

extension TransportAddress {
    /// The model's form of a socket address.
    package init(_ address: SocketAddress) {
        self.init(ip: IPAddress(address), port: address.port)
    }
}
