package import MeshModel

/// What a gateway with certain labels opens, and for whom, of all Gateways (I 1.3). Pure.
package struct GatewayPlan: Sendable {
    /// The ports by their address.
    package private(set) var ports: [GatewayPort.Address: GatewayPort] = [:]
    /// All servers, for routes.
    package private(set) var listeners: [GatewayListener] = []
    /// What in the Gateways has another effect than its author may expect.
    package private(set) var notes: [RoutingNote] = []

    /// The plan of the gateway that has `labels`. Of two Gateways in conflict the older stands.
    package init(_ gateways: [Configured<GatewaySpec>], labels: [String: String]) {
        for gateway in gateways.sorted(by: Configured.isOlder) {
            guard gateway.spec.selector.allSatisfy({ labels[$0.key] == $0.value }) else { continue }
            for (index, server) in gateway.spec.servers.enumerated() {
                add(server, of: gateway, place: "Gateway \(gateway.reference) servers[\(index)]")
            }
        }
    }

    private mutating func add(_ spec: GatewaySpec.Server, of gateway: Configured<GatewaySpec>, place: String) {
        guard spec.port > 0, let spoken = spec.portProtocol else { return }
        let bind = spec.bind.flatMap { IPAddress($0) }
        let address = GatewayPort.Address(bind: bind, number: spec.port)
        let kind: GatewayPort.Kind = spoken.isTLS ? .tls : spoken.isPlainHTTP ? .http : .tcp
        if let other = ports[address], other.kind != kind {
            let first = other.servers.first?.place ?? ""
            return note(place, "\(address) is \(other.kind.rawValue) by \(first): the server is left out")
        }
        var hosts: [HostName] = []
        for host in spec.hosts.map(GatewayListener.host) where !hosts.contains(host) {
            if kind == .tls, let owner = ports[address]?.servers.first(where: { $0.hosts.contains(host) }) {
                note(place, "\(host) of \(address) belongs to \(owner.place): it is left out here")
            } else {
                hosts.append(host)
            }
        }
        guard !hosts.isEmpty else { return }
        let action = Self.action(spec, kind)
        let group: String
        switch action {
        case .http, .tcp: group = address.group
        case .mesh: group = "\(address.group) mesh"
        case .passthrough, .terminate, .refuse: group = place
        }
        if case .refuse(let reason) = action { note(place, "\(reason): its connections are refused") }
        ports[address, default: GatewayPort(address: address, kind: kind, servers: [])].servers.append(
            GatewayServer(place: place, group: group, hosts: hosts, action: action))
        listeners.append(
            GatewayListener(
                namespace: gateway.namespace, name: gateway.name, port: spec.port,
                hosts: spec.hosts.filter { hosts.contains(GatewayListener.host($0)) }, group: group,
                redirectsToHTTPS: kind == .http && spec.tls?.httpsRedirect == true))
    }

    private static func action(_ spec: GatewaySpec.Server, _ kind: GatewayPort.Kind) -> GatewayServer.Action {
        switch kind {
        case .http: return .http
        case .tcp:
            // Stored before it was refused: who wrote it wants no plain text on the port.
            return spec.tls?.isMoreThanRedirect == true
                ? .refuse("it has tls with a protocol that is carried without") : .tcp
        case .tls: break
        }
        guard let tls = spec.tls else { return .refuse("it has no tls") }
        let isHTTP = spec.portProtocol == .https
        switch tls.effectiveMode {
        case .passthrough: return .passthrough
        case .simple, .mutual, .optionalMutual: return .terminate(tls, isHTTP: isHTTP)
        case .istioMutual: return .mesh(isHTTP: isHTTP)
        case .autoPassthrough:
            return .refuse("mode AUTO_PASSTHROUGH is for sidecars, which an ambient mesh has none of: use PASSTHROUGH")
        }
    }

    private mutating func note(_ place: String, _ message: String) {
        notes.append(RoutingNote(place: place, message: message))
    }
}
