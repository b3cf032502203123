import MeshModel

/// What the compilation of any route table begins with.
struct RoutingContext {
    /// The visible VirtualServices, oldest first.
    let virtualServices: [Configured<VirtualServiceSpec>]
    let http: HTTPRouteCompiler
    let connections: ConnectionRouteCompiler

    init(_ sources: RoutingSources, _ engine: any PatternEngine) {
        let sorted = sources.virtualServices.sorted(by: Configured.isOlder)
        virtualServices = sorted.filter {
            ExportScope.includes(sources.namespace, exportTo: $0.spec.exportTo, owner: $0.namespace)
        }
        let resolver = DestinationResolver(sources, DestinationRuleIndex(sources))
        http = HTTPRouteCompiler(
            sources, engine, resolver,
            Dictionary(sorted.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first }))
        connections = ConnectionRouteCompiler(resolver: resolver)
    }
}
