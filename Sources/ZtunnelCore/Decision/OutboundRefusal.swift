package import MeshModel

/// Why a captured connection goes nowhere. The descriptions are those of the access log.
package enum OutboundRefusal: Sendable, Hashable, CustomStringConvertible {
    /// It was addressed to the ztunnel's own listener.
    case selfCall
    /// The service has no endpoint that may be used.
    case noHealthyUpstream(ServiceName)
    /// The waypoint that must be passed is not known or has no endpoint.
    case unknownWaypoint(String)
    /// The chosen workload has no address of a family that may be used.
    case noAddress(String)
    /// The chosen workload is known by a host name only.
    case unresolvedHostname(workload: String, hostname: String)
    /// The destination is on another network.
    case otherNetwork(destination: String, network: String)

    package var description: String {
        switch self {
        case .selfCall:
            "attempted recursive call to ourselves"
        case .noHealthyUpstream(let service):
            "no healthy upstream: service \(service) has no usable endpoint for the port"
        case .unknownWaypoint(let waypoint):
            "unknown waypoint: \(waypoint) is not known or has no usable endpoint"
        case .noAddress(let workload):
            "no valid destination: workload \(workload) has no address of a usable family"
        case .unresolvedHostname(let workload, let hostname):
            "no valid destination: workload \(workload) has only the host name \(hostname), and resolving it on demand is not supported yet; give it an address"
        case .otherNetwork(let destination, let network):
            "\(destination) is on network \"\(network)\": reaching it takes double HBONE, which is not supported yet"
        }
    }
}
