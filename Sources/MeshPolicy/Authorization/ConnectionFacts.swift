package import MeshModel

/// What is known of an inbound connection when it is judged.
package struct ConnectionFacts: Sendable, Hashable {
    /// The address that the connection comes from.
    package let source: IPAddress
    /// The workload's address.
    package let destination: IPAddress
    /// The workload's port.
    package let port: UInt16
    /// Who the peer proved to be; nil for plaintext.
    package let identity: SPIFFEIdentity?

    /// The facts of one connection. IPv4-mapped addresses are taken for IPv4.
    package init(source: IPAddress, destination: IPAddress, port: UInt16, identity: SPIFFEIdentity?) {
        self.source = source.unmapped
        self.destination = destination.unmapped
        self.port = port
        self.identity = identity
    }
}
