package import MeshModel

/// Where a captured connection goes as plain TCP.
package struct TCPRoute: Sendable, Equatable {
    /// Where to connect.
    package let address: TransportAddress
    /// The workload there; nil where the service leaves the choice to the address.
    package let workload: Workload?
    /// The service that the application addressed.
    package let service: Service?

    /// A route to `address`.
    package init(address: TransportAddress, workload: Workload?, service: Service?) {
        self.address = address
        self.workload = workload
        self.service = service
    }
}
