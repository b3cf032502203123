package import MeshModel

/// Where a captured connection goes by HBONE.
package struct HBONERoute: Sendable, Equatable {
    /// Where the tunnel ends.
    package let dial: TransportAddress
    /// The `:authority` of the CONNECT request.
    package let authority: String
    /// The SPIFFE ids of which the peer must present one. Never empty.
    package let expectedIdentities: [String]
    /// The TLS server name by which a peer with several workloads picks its certificate (D4).
    package let serverName: String?
    /// The workload at the end of the tunnel: the destination or the waypoint before it.
    package let destination: Workload?
    /// The service that the application addressed.
    package let service: Service?
    /// Whether the tunnel ends at a waypoint.
    package let isWaypoint: Bool

    /// A route to `destination`.
    package init(
        dial: TransportAddress, authority: String, expectedIdentities: [String], serverName: String?,
        destination: Workload?, service: Service?, isWaypoint: Bool
    ) {
        self.dial = dial
        self.authority = authority
        self.expectedIdentities = expectedIdentities
        self.serverName = serverName
        self.destination = destination
        self.service = service
        self.isWaypoint = isWaypoint
    }
}
