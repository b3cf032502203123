import HTTPWire
package import MeshModel
import NodeCore

/// What a CONNECT to the waypoint is for: a service or a workload that has this waypoint. Pure.
package struct WaypointTarget: Sendable {
    /// Why a CONNECT is answered with 400: the waypoint is nobody's open proxy.
    package struct Refusal: Error, Equatable {
        /// For the log, and for who looks at it.
        package let reason: String
    }

    /// The service addressed; nil for a workload by its own address.
    package let service: Service?
    /// The workload addressed; nil for a service.
    package let workload: Workload?
    /// The port as the client gave it.
    package let port: UInt16
    /// The authority as the client gave it.
    package let authority: String

    /// Whether the service says that HTTP is spoken on the port: then nothing else is carried there.
    package var isHTTP: Bool {
        service?.ports.contains { $0.port == port && $0.applicationProtocol != .unknown } ?? false
    }

    /// Reads the authority of a CONNECT (I 5.2): a service's address or host name, or a workload's address.
    package static func find(
        _ authority: String, in snapshot: MeshSnapshot, waypoint: ServiceName, network: String
    ) throws(Refusal) -> WaypointTarget {
        let parsed: HBONEAuthority
        do throws(HBONEAuthority.Problem) {
            parsed = try HBONEAuthority(parsing: authority)
        } catch {
            throw Refusal(reason: "no valid authority: \(authority)")
        }
        if parsed.isIPLiteral {
            guard let ip = IPAddress(parsed.host) else { throw Refusal(reason: "no valid authority: \(authority)") }
            let address = NetworkAddress(network: network, ip: ip)
            if let workload = snapshot.workload(at: address, port: parsed.port) {
                guard workload.waypoint.map({ leads($0, to: waypoint, in: snapshot) }) ?? false else {
                    throw Refusal(reason: "the workload \(workload) does not have the waypoint \(waypoint)")
                }
                return WaypointTarget(service: nil, workload: workload, port: parsed.port, authority: authority)
            }
            return try target(
                snapshot.service(at: address, from: waypoint.namespace), parsed.port, authority, snapshot, waypoint)
        }
        return try target(
            snapshot.service(hostname: parsed.host, from: waypoint.namespace), parsed.port, authority, snapshot,
            waypoint)
    }

    private static func target(
        _ service: Service?, _ port: UInt16, _ authority: String, _ snapshot: MeshSnapshot, _ waypoint: ServiceName
    ) throws(Refusal) -> WaypointTarget {
        guard let service else { throw Refusal(reason: "no service or workload is known at \(authority)") }
        let gateways = [service.waypoint].compactMap { $0 } + service.weightedWaypoints.map(\.waypoint)
        guard gateways.contains(where: { leads($0, to: waypoint, in: snapshot) }) else {
            throw Refusal(reason: "the service \(service) does not have the waypoint \(waypoint)")
        }
        return WaypointTarget(service: service, workload: nil, port: port, authority: authority)
    }

    private static func leads(_ gateway: GatewayAddress, to waypoint: ServiceName, in snapshot: MeshSnapshot) -> Bool {
        switch gateway.destination {
        case .hostname(let name): name == waypoint
        case .address(let address):
            snapshot.service(at: address, from: waypoint.namespace)?.key == waypoint
        }
    }
}
