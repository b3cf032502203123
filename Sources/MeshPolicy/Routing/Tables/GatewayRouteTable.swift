package import MeshModel

/// The routes of a gateway: by port, and by the host that a request asks for (I 2.1). Immutable; any thread.
package final class GatewayRouteTable: Sendable {
    private struct Place: Hashable, Sendable {
        let port: UInt16
        let group: String
    }

    private struct PortRoutes: Sendable {
        var hosts = HostTable<HTTPRouteList>()
        /// Whether requests for a host are to come by HTTPS.
        var redirects = HostTable<Bool>()
        var tls = ConnectionRouteList([])
        var tcp = ConnectionRouteList([])
    }

    private let ports: [Place: PortRoutes]
    /// What in the sources has another effect than its author may expect.
    package let notes: [RoutingNote]
    /// The clusters that any route may lead to.
    package let clusters: Set<ClusterKey>

    /// Compiles the routes of a gateway that has these listeners.
    package init(
        gateway sources: RoutingSources, listeners: [GatewayListener], _ engine: any PatternEngine
    ) {
        let context = RoutingContext(sources, engine)
        var compiler = context.http
        var ports: [Place: PortRoutes] = [:]
        var clusters: Set<ClusterKey> = []
        for (place, listeners) in Dictionary(grouping: listeners, by: { Place(port: $0.port, group: $0.group) }) {
            var byHost: [HostName: [(owner: Configured<VirtualServiceSpec>, gateways: Set<String>)]] = [:]
            var bound: [(owner: Configured<VirtualServiceSpec>, gateways: Set<String>)] = []
            for owner in context.virtualServices {
                let wanted = GatewayName.effective(owner.spec.gateways, in: owner.namespace)
                let names = owner.spec.hosts.map {
                    HostName($0, in: owner.namespace, domainSuffix: sources.mesh.domainSuffix)
                }
                var gateways: [HostName: Set<String>] = [:]
                for listener in listeners where wanted.contains(listener.gateway) {
                    for host in listener.hosts(of: names, owner: owner.namespace) {
                        gateways[host, default: []].insert(listener.gateway)
                    }
                }
                for (host, names) in gateways { byHost[host, default: []].append((owner, names)) }
                if !gateways.isEmpty { bound.append((owner, gateways.values.reduce(into: []) { $0.formUnion($1) })) }
            }
            var routes = PortRoutes()
            for listener in listeners {
                for host in listener.hosts {
                    routes.redirects.insert(GatewayListener.host(host), listener.redirectsToHTTPS)
                }
            }
            for (host, owners) in byHost {
                var entries: [RouteEntry] = []
                for (owner, gateways) in owners { entries += compiler.entries(owner, for: gateways) }
                if owners.count > 1 { entries = Self.catchAllsLast(entries) }
                guard !entries.isEmpty else { continue }
                let list = HTTPRouteList(entries)
                clusters.formUnion(list.clusters)
                routes.hosts.insert(host, list)
            }
            let names = bound.reduce(into: Set<String>()) { $0.formUnion($1.gateways) }
            routes.tls = ConnectionRouteList(context.connections.tls(bound.map(\.owner), for: names))
            routes.tcp = ConnectionRouteList(bound.flatMap { context.connections.tcp($0.owner, for: $0.gateways) })
            clusters.formUnion(routes.tls.clusters)
            clusters.formUnion(routes.tcp.clusters)
            ports[place] = routes
        }
        self.ports = ports
        self.clusters = clusters
        notes = Array(Set(compiler.notes)).sorted { ($0.place, $0.message) < ($1.place, $1.message) }
    }

    /// Whether a request for an authority is answered with a redirect to HTTPS, whatever routes there are.
    package func redirectsToHTTPS(port: UInt16, group: String = "", authority: Span<UInt8>) -> Bool {
        ports[Place(port: port, group: group)]?.redirects.value(authority: authority) ?? false
    }

    /// The routes of requests to `port` for an authority; nil where no VirtualService is for it: 404, flag NR.
    package func http(port: UInt16, group: String = "", authority: Span<UInt8>) -> HTTPRouteList? {
        ports[Place(port: port, group: group)]?.hosts.value(authority: authority)
    }

    /// The routes of TLS connections to `port` that are not terminated here.
    package func tls(port: UInt16, group: String = "") -> ConnectionRouteList? {
        ports[Place(port: port, group: group)]?.tls
    }

    /// The routes of other connections to `port`.
    package func tcp(port: UInt16, group: String = "") -> ConnectionRouteList? {
        ports[Place(port: port, group: group)]?.tcp
    }

    /// The entries with those that every request meets at the end, else in their order: where several VirtualServices are
    /// one, the rest of an older one must not hide a younger one.
    private static func catchAllsLast(_ entries: [RouteEntry]) -> [RouteEntry] {
        entries.filter { !$0.condition.isCatchAll } + entries.filter(\.condition.isCatchAll)
    }
}
