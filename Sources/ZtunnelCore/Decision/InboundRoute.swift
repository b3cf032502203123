package import MeshModel

/// Where an accepted CONNECT request goes.
package struct InboundRoute: Sendable, Equatable {
    /// The workload's address and port that are meant: what policies judge and logs name.
    package let destination: TransportAddress
    /// Where to connect: `destination`, or the loopback address for a workload that takes PROXY preambles there.
    package let upstream: TransportAddress
    /// The destination that the PROXY preamble names; nil where there is no preamble.
    package let proxyDestination: TransportAddress?
    /// The service to account the connection to.
    package let service: Service?

    /// A route to `upstream`.
    package init(
        destination: TransportAddress, upstream: TransportAddress, proxyDestination: TransportAddress?,
        service: Service?
    ) {
        self.destination = destination
        self.upstream = upstream
        self.proxyDestination = proxyDestination
        self.service = service
    }
}
