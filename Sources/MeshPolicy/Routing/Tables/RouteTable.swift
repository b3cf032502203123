package import MeshModel

/// The routes of a waypoint: by service, because clients reach a waypoint by the service's address, whatever their `Host`
/// says (I 2.1). Immutable; any thread.
package final class RouteTable: Sendable {
    /// The routes of one service.
    package struct ServiceRoutes: Sendable {
        /// Of requests. Without a VirtualService: to the port that was asked for.
        package let http: HTTPRouteList
        /// Whether a VirtualService says what becomes of requests.
        package let hasHTTPRoutes: Bool
        /// Of TLS connections by server name; empty where none are written.
        package let tls: ConnectionRouteList
        /// Of other connections; empty where none are written: then to the port that was asked for.
        package let tcp: ConnectionRouteList

        /// Whether connections with these facts go by a `tcp` route whatever is spoken on them: one is for them, and none for requests is
        /// written, by which those that look like HTTP would go.
        package func carries(_ facts: RequestFacts) -> Bool { !hasHTTPRoutes && tcp.hasRoute(for: facts) }
    }

    private let services: [ServiceName: ServiceRoutes]
    /// What in the sources has another effect than its author may expect.
    package let notes: [RoutingNote]

    /// Compiles the routes of all services of the snapshot, in time proportional to the sources.
    package init(waypoint sources: RoutingSources, _ engine: any PatternEngine) {
        let context = RoutingContext(sources, engine)
        var compiler = context.http
        var services: [ServiceName: ServiceRoutes] = [:]
        let byHost = VirtualServiceHosts(context.virtualServices, sources)
        for service in sources.snapshot.services {
            let matching = byHost.virtualServices(of: service.key)
            var entries: [RouteEntry] = []
            let hasHTTPRoutes = !matching.allSatisfy(\.spec.http.isEmpty)
            for owner in matching { entries += compiler.entries(owner, for: [VirtualServiceSpec.mesh]) }
            services[service.key] = ServiceRoutes(
                http: HTTPRouteList(
                    entries.isEmpty && !hasHTTPRoutes ? DefaultRoutes.entries(service) : entries),
                hasHTTPRoutes: hasHTTPRoutes,
                tls: ConnectionRouteList(context.connections.tls(matching, for: [VirtualServiceSpec.mesh])),
                tcp: ConnectionRouteList(
                    matching.flatMap { context.connections.tcp($0, for: [VirtualServiceSpec.mesh]) }))
        }
        self.services = services
        notes = compiler.notes
    }

    /// The routes of a service; nil where the snapshot that this was compiled of did not have it.
    package func routes(of service: ServiceName) -> ServiceRoutes? { services[service] }
}
