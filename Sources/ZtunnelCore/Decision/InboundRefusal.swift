package import MeshModel

/// Why a CONNECT request is answered with an error. The descriptions are those of the access log (Z 2.4).
package enum InboundRefusal: Sendable, Hashable, CustomStringConvertible {
    /// The authority names an address that is not this workload's.
    case addressMismatch(authority: IPAddress, connection: IPAddress)
    /// The address is shared, and the port is not one of this workload's (D4).
    case foreignPort(UInt16, workload: String)
    /// The authority names a host name that is not known.
    case unknownHostname(String)
    /// The service is known and its port leads nowhere.
    case unknownPort(service: ServiceName, port: UInt16)
    /// The request leads back to the ztunnel.
    case selfCall
    /// The preamble needs an address of the service, and it has none.
    case noServiceAddress(ServiceName)

    /// The status of the response.
    package var status: Int {
        switch self {
        case .addressMismatch, .foreignPort: 400
        case .unknownHostname, .unknownPort, .selfCall, .noServiceAddress: 503
        }
    }

    package var description: String {
        switch self {
        case .addressMismatch(let authority, let connection):
            "ip mismatch: \(authority) != \(connection)"
        case .foreignPort(let port, let workload):
            "port \(port) is not a port of workload \(workload), which shares its address with others"
        case .unknownHostname(let hostname):
            "no service or workload for hostname: \(hostname)"
        case .unknownPort(let service, let port):
            "requested service \(service):\(port) found, but cannot resolve port"
        case .selfCall:
            "attempted recursive call to ourselves"
        case .noServiceAddress(let service):
            "service \(service) has no address to name in the PROXY preamble"
        }
    }
}
