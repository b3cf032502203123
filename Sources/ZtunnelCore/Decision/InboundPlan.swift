import HTTPWire
import MeshModel
import NodeCore

/// Decides one CONNECT request. `decideInbound` makes it, asks it once and drops it.
struct InboundPlan {
    let snapshot: MeshSnapshot
    let local: Workload
    let ports: Set<UInt16>?
    let connectionDestination: IPAddress
    let authority: HBONEAuthority
    let forwardedHost: String?
    let localhostApplicationTunnel: Bool

    /// What the authority says.
    private enum Target {
        case address(TransportAddress)
        case service(Service, port: UInt16)
        /// The workload by its own host name.
        case workload(port: UInt16)
    }

    func decide() -> InboundDecision {
        let target: Target
        switch readTarget() {
        case .success(let value): target = value
        case .failure(let refusal): return .refuse(refusal)
        }
        let port: UInt16
        switch workloadPort(target) {
        case .success(let value): port = value
        case .failure(let refusal): return .refuse(refusal)
        }
        let destination = local.applicationTunnel?.port ?? port
        guard owns(destination) else { return .refuse(.foreignPort(destination, workload: local.description)) }
        return route(target, port: destination)
    }

    // MARK: the authority

    private func readTarget() -> Result<Target, InboundRefusal> {
        guard authority.isIPLiteral, let ip = IPAddress(authority.host) else {
            if let service = snapshot.service(hostname: authority.host, from: local.namespace) {
                return .success(.service(service, port: authority.port))
            }
            if !local.hostname.isEmpty, local.hostname == authority.host {
                return .success(.workload(port: authority.port))
            }
            return .failure(.unknownHostname(authority.host))
        }
        let address = TransportAddress(ip: ip.unmapped, port: authority.port)
        if address.ip == connectionDestination || local.applicationTunnel != nil || isWaypoint(of: address) {
            return .success(.address(address))
        }
        return .failure(.addressMismatch(authority: address.ip, connection: connectionDestination))
    }

    /// Whether this workload stands as a waypoint before what the address means.
    private func isWaypoint(of target: TransportAddress) -> Bool {
        let address = NetworkAddress(network: local.network, ip: target.ip)
        if let workload = snapshot.workload(at: address, port: target.port) {
            return workload.waypoint.map(isLocal) ?? false
        }
        guard let service = snapshot.service(at: address, from: local.namespace) else { return false }
        if let waypoint = service.waypoint, isLocal(waypoint) { return true }
        return service.weightedWaypoints.contains { $0.weight > 0 && isLocal($0.waypoint) }
    }

    /// Whether the gateway is a service that this workload is an endpoint of, or this workload itself by its address, which
    /// others may share: the identity tells them apart.
    private func isLocal(_ gateway: GatewayAddress) -> Bool {
        switch GatewayResolver(snapshot: snapshot, source: local, excluded: []).subject(of: gateway) {
        case nil: false
        case .service(let service): local.services[service.key] != nil
        case .workload(let workload):
            workload.identity == local.identity && workload.addresses.contains(connectionDestination)
        }
    }

    // MARK: the port

    private func workloadPort(_ target: Target) -> Result<UInt16, InboundRefusal> {
        switch target {
        case .address(let address):
            return .success(address.port)
        case .workload(let port):
            return .success(port)
        case .service(let service, let port):
            if let own = local.services[service.key]?.target(of: port), own != 0 { return .success(own) }
            if let target = service.ports.target(of: port), target != 0 { return .success(target) }
            if let tunnel = local.applicationTunnel?.port { return .success(tunnel) }
            return .failure(.unknownPort(service: service.key, port: port))
        }
    }

    /// Whether the port is this workload's. On a host that is known here; elsewhere it only matters where the mesh knows
    /// several workloads of the address, and those are told apart by their services.
    private func owns(_ port: UInt16) -> Bool {
        if let ports { return ports.contains(port) }
        if local.applicationTunnel?.port != nil { return true }
        let sharing = snapshot.workloads(at: NetworkAddress(network: local.network, ip: connectionDestination))
        return sharing.count <= 1 || snapshot.claims(local, port: port)
    }

    // MARK: the route

    private func route(_ target: Target, port: UInt16) -> InboundDecision {
        if Ports.isCaptured(port) { return .refuse(.selfCall) }
        let destination = TransportAddress(ip: connectionDestination, port: port)
        let service = accountedService(port: port)
        guard local.applicationTunnel?.preamble == .proxy else {
            return .forward(
                InboundRoute(
                    destination: destination, upstream: destination, proxyDestination: nil, service: service))
        }
        let named: TransportAddress
        switch target {
        case .address(let address): named = address
        case .workload(let port): named = TransportAddress(ip: connectionDestination, port: port)
        case .service(let service, let port):
            guard let ip = preferredAddress(of: service) else { return .refuse(.noServiceAddress(service.key)) }
            named = TransportAddress(ip: ip, port: port)
        }
        let loopback =
            connectionDestination.isIPv4
            ? IPAddress(ipv4: 127, 0, 0, 1) : IPAddress(high: 0, low: 1, isIPv4: false)
        return .forward(
            InboundRoute(
                destination: destination,
                upstream: localhostApplicationTunnel
                    ? TransportAddress(ip: loopback, port: port) : destination,
                proxyDestination: named, service: service))
    }

    /// An address of the service: on this network rather than another, IPv4 rather than IPv6.
    private func preferredAddress(of service: Service) -> IPAddress? {
        let own = service.addresses.filter { $0.network == local.network }
        let candidates = own.isEmpty ? service.addresses : own
        return (candidates.first { $0.ip.isIPv4 } ?? candidates.first)?.ip
    }

    /// The service that the client says it addressed, if it is one of this workload's; else the first that leads here.
    private func accountedService(port: UInt16) -> Service? {
        let names = local.services.keys.sorted()
        if let forwardedHost {
            for name in names where name.hostname == forwardedHost {
                if let service = snapshot.service(name) { return service }
            }
        }
        return firstService(of: local, port: port, in: snapshot)
    }
}

extension InboundRefusal: Error {}
