import MeshModel
import NodeCore

/// Decides one captured connection. `decideOutbound` makes it, asks it once and drops it.
struct OutboundPlan {
    let snapshot: MeshSnapshot
    let source: Workload
    let target: TransportAddress
    let excluded: Set<String>

    func decide(random: inout some RandomNumberGenerator) -> OutboundDecision {
        if target.ip.isLoopback, Ports.isCaptured(target.port) { return .refuse(.selfCall) }
        let address = NetworkAddress(network: source.network, ip: target.ip)
        let workload = snapshot.workload(at: address, port: target.port)
        let service = snapshot.service(at: address, from: source.namespace)

        // A workload's own address is never taken for a service's when it comes to waypoints.
        if workload == nil, let service, service.hasWaypoint,
            let decision = throughWaypoint(of: service, random: &random)
        {
            return decision
        }
        if let service {
            return toEndpoint(of: service, isServiceAddressed: workload == nil, random: &random)
        }
        guard let workload else { return .passthrough(target) }
        return direct(
            EndpointChoice(workload: workload, port: target.port), service: nil, isServiceAddressed: false,
            random: &random)
    }

    // MARK: waypoints

    /// The way to the service's waypoint; nil where the source is the waypoint.
    private func throughWaypoint(
        of service: Service, random: inout some RandomNumberGenerator
    ) -> OutboundDecision? {
        guard let waypoint = chooseWaypoint(of: service, random: &random) else { return nil }
        return toWaypoint(waypoint, service: service, random: &random)
    }

    /// A waypoint by weight; without weights the service's one.
    private func chooseWaypoint(
        of service: Service, random: inout some RandomNumberGenerator
    ) -> GatewayAddress? {
        let total = service.weightedWaypoints.reduce(UInt64(0)) { $0 + UInt64($1.weight) }
        guard total > 0 else { return service.waypoint }
        var point = UInt64.random(in: 0..<total, using: &random)
        for share in service.weightedWaypoints {
            if point < UInt64(share.weight) { return share.waypoint }
            point -= UInt64(share.weight)
        }
        return service.waypoint
    }

    /// The way to a waypoint, with the destination as the application gave it; nil where the source is the waypoint.
    private func toWaypoint(
        _ waypoint: GatewayAddress, service: Service?, random: inout some RandomNumberGenerator
    ) -> OutboundDecision? {
        let resolver = GatewayResolver(snapshot: snapshot, source: source, excluded: excluded)
        if resolver.isSource(waypoint) { return nil }
        switch resolver.resolve(waypoint, random: &random) {
        case .unknown:
            return .refuse(.unknownWaypoint(waypoint.description))
        case .otherNetwork(let workload):
            return .refuse(.otherNetwork(destination: "waypoint \(workload)", network: workload.network))
        case .found(let choice, let gatewayService):
            switch dialAddress(of: choice.workload, families: gatewayService?.ipFamilies ?? .automatic) {
            case .failure(let refusal):
                return .refuse(refusal)
            case .success(let ip):
                return .hbone(
                    HBONERoute(
                        dial: TransportAddress(ip: ip, port: choice.port), authority: target.description,
                        expectedIdentities: expectedIdentities(choice.workload, gatewayService),
                        serverName: choice.workload.identity.serverName, destination: choice.workload,
                        service: service, isWaypoint: true))
            }
        }
    }

    // MARK: endpoints

    private func toEndpoint(
        of service: Service, isServiceAddressed: Bool, random: inout some RandomNumberGenerator
    ) -> OutboundDecision {
        if service.loadBalancing.mode == .passthrough {
            return .tcp(TCPRoute(address: target, workload: nil, service: service))
        }
        func choose(network: String?) -> EndpointChoice? {
            EndpointSelection(
                service, in: snapshot, for: source, port: target.port, excluding: excluded, network: network
            ).choose(random: &random)
        }
        // Endpoints of other networks cannot be reached yet, so they only count where there is no other.
        if let choice = choose(network: source.network) {
            return direct(choice, service: service, isServiceAddressed: isServiceAddressed, random: &random)
        }
        if let choice = choose(network: nil) {
            return .refuse(.otherNetwork(destination: service.description, network: choice.workload.network))
        }
        return .refuse(.noHealthyUpstream(service.key))
    }

    /// The way to a workload, by its own waypoint if it was addressed itself.
    private func direct(
        _ choice: EndpointChoice, service: Service?, isServiceAddressed: Bool,
        random: inout some RandomNumberGenerator
    ) -> OutboundDecision {
        let workload = choice.workload
        if workload.network != source.network {
            return .refuse(.otherNetwork(destination: workload.description, network: workload.network))
        }
        if !isServiceAddressed, let waypoint = workload.waypoint,
            let decision = toWaypoint(waypoint, service: service, random: &random)
        {
            return decision
        }
        let ip: IPAddress
        switch dialAddress(of: workload, families: service?.ipFamilies ?? .automatic) {
        case .failure(let refusal): return .refuse(refusal)
        case .success(let address): ip = address
        }
        let destination = TransportAddress(ip: ip, port: choice.port)
        switch workload.tunnelProtocol {
        case .tcp:
            return .tcp(TCPRoute(address: destination, workload: workload, service: service))
        case .hbone:
            return .hbone(
                HBONERoute(
                    dial: TransportAddress(ip: ip, port: workload.tunnelPort), authority: destination.description,
                    expectedIdentities: expectedIdentities(workload, service),
                    serverName: workload.identity.serverName, destination: workload, service: service,
                    isWaypoint: false))
        }
    }

    /// The address to connect to: the one addressed if it is the workload's, else the first that the families allow, of
    /// the family addressed if there is one.
    private func dialAddress(of workload: Workload, families: IPFamilies) -> Result<IPAddress, OutboundRefusal> {
        if workload.addresses.contains(target.ip) { return .success(target.ip) }
        let allowed = workload.addresses.filter { families.accepts(isIPv4: $0.isIPv4) }
        if let ip = allowed.first(where: { $0.isIPv4 == target.ip.isIPv4 }) ?? allowed.first { return .success(ip) }
        if !workload.hostname.isEmpty {
            return .failure(.unresolvedHostname(workload: workload.description, hostname: workload.hostname))
        }
        return .failure(.noAddress(workload.description))
    }

    /// The identities that the service allows its servers, and the workload's own.
    private func expectedIdentities(_ workload: Workload, _ service: Service?) -> [String] {
        var identities: [String] = []
        for name in service?.subjectAltNames ?? [] {
            if let identity = SPIFFEIdentity(uri: name) { identities.append(identity.uri) }
        }
        let own = workload.identity.uri
        if !identities.contains(own) { identities.append(own) }
        return identities
    }
}

extension OutboundRefusal: Error {}
