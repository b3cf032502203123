import MeshModel

/// Compiles the `http` routes of VirtualServices for one set of gateways.
struct HTTPRouteCompiler {
    let sources: RoutingSources
    let engine: any PatternEngine
    let resolver: DestinationResolver
    /// Every VirtualService by `namespace/name`, for delegates.
    let virtualServices: [String: Configured<VirtualServiceSpec>]
    private(set) var notes: [RoutingNote] = []

    init(
        _ sources: RoutingSources, _ engine: any PatternEngine, _ resolver: DestinationResolver,
        _ virtualServices: [String: Configured<VirtualServiceSpec>]
    ) {
        self.sources = sources
        self.engine = engine
        self.resolver = resolver
        self.virtualServices = virtualServices
    }

    /// The entries of one VirtualService for traffic of `gateways` (names as `GatewayName` has them).
    mutating func entries(
        _ virtualService: Configured<VirtualServiceSpec>, for gateways: Set<String>
    ) -> [RouteEntry] {
        var entries: [RouteEntry] = []
        for (position, route) in virtualService.spec.http.enumerated() {
            let origin = "VirtualService \(virtualService.reference) http[\(position)]"
            guard let delegate = route.delegate else {
                entries += compile(route, virtualService, virtualService.namespace, gateways, origin)
                continue
            }
            let key = "\(delegate.namespace ?? virtualService.namespace)/\(delegate.name)"
            guard let target = virtualServices[key],
                ExportScope.includes(
                    virtualService.namespace, exportTo: target.spec.exportTo, owner: target.namespace)
            else {
                notes.append(
                    RoutingNote(
                        place: origin, message: "there is no VirtualService \(key) for it: the route is left out"))
                continue
            }
            guard target.spec.hosts.isEmpty else {
                notes.append(
                    RoutingNote(
                        place: origin,
                        message:
                            "VirtualService \(key) has hosts, so that nobody can delegate to it: the route is left out")
                )
                continue
            }
            let root = anchored(route, virtualService.namespace)
            let merged = DelegateMerging.merge(root: root, delegate: target.spec.http)
            if merged.count < target.spec.http.count {
                notes.append(
                    RoutingNote(
                        place: origin,
                        message: "matches of some routes of \(key) are not within its own: they are left out"))
            }
            for route in merged {
                entries += compile(
                    route, virtualService, target.namespace, gateways, "\(origin) by VirtualService \(key)")
            }
        }
        return entries
    }

    /// The route with its mirrors' short names resolved, so that it can be merged into another namespace.
    private func anchored(_ route: VirtualServiceSpec.HTTPRoute, _ namespace: String) -> VirtualServiceSpec.HTTPRoute {
        func host(_ name: String) -> String {
            HostName(name, in: namespace, domainSuffix: sources.mesh.domainSuffix).text
        }
        var result = route
        if let mirror = route.mirror { result.mirror?.host = host(mirror.host) }
        for index in result.mirrors.indices {
            result.mirrors[index].destination.host = host(result.mirrors[index].destination.host)
        }
        return result
    }

    private mutating func compile(
        _ route: VirtualServiceSpec.HTTPRoute, _ owner: Configured<VirtualServiceSpec>, _ namespace: String,
        _ gateways: Set<String>, _ origin: String
    ) -> [RouteEntry] {
        let own = GatewayName.effective(owner.spec.gateways, in: owner.namespace)
        let matches = route.match.enumerated().filter { _, match in
            let wanted = match.gateways.isEmpty ? own : GatewayName.effective(match.gateways, in: owner.namespace)
            return !gateways.isDisjoint(with: wanted)
        }
        guard route.match.isEmpty ? !gateways.isDisjoint(with: own) : !matches.isEmpty else { return [] }
        let compiled = compile(route, namespace, origin)
        let name = route.name.isEmpty ? "default" : route.name
        guard !route.match.isEmpty else {
            return [RouteEntry(condition: RouteCondition(), route: compiled, name: name, origin: origin)]
        }
        let conditions = RouteConditionCompiler(engine: engine)
        return matches.map { position, match in
            let condition = conditions.compile(match)
            let place = "\(origin).match[\(position)]"
            if let reason = condition.unusable { notes.append(RoutingNote(place: place, message: reason)) }
            let names = [route.name, match.name].filter { !$0.isEmpty }
            return RouteEntry(
                condition: condition, route: compiled,
                name: names.isEmpty ? "default" : names.joined(separator: "."), origin: place)
        }
    }

    private mutating func compile(
        _ route: VirtualServiceSpec.HTTPRoute, _ namespace: String, _ origin: String
    ) -> HTTPRoute {
        var cors: CORSRule?
        var rewrite: RewriteRule?
        do throws(PatternError) {
            cors = try route.corsPolicy.map { policy throws(PatternError) in try CORSRule(policy, engine) }
            rewrite = try route.rewrite.flatMap { change throws(PatternError) in try self.rewrite(change) }
        } catch {
            let reason = "an expression in it \(error.reason)"
            notes.append(RoutingNote(place: origin, message: reason))
            return HTTPRoute(outcome: .none(reason))
        }
        let requestChanges = changes(route.headers?.request, ofRequest: true, origin)
        return HTTPRoute(
            outcome: outcome(route, namespace, origin), rewrite: rewrite,
            authority: route.rewrite?.authority.flatMap { $0.isEmpty ? nil : $0 },
            timeout: route.timeout.flatMap { $0 > .zero ? $0 : nil }, retries: RetryPolicy(route.retries),
            fault: route.fault.flatMap(FaultRule.init), mirrors: mirrors(route, namespace), cors: cors,
            requestChanges: requestChanges,
            responseChanges: changes(route.headers?.response, ofRequest: false, origin))
    }

    private mutating func outcome(
        _ route: VirtualServiceSpec.HTTPRoute, _ namespace: String, _ origin: String
    ) -> HTTPRoute.Outcome {
        if let redirect = route.redirect {
            if let rule = RedirectRule(redirect) { return .redirect(rule) }
            let reason = "redirectCode \(redirect.code) is none of 301, 302, 303, 307, 308: the route does nothing"
            notes.append(RoutingNote(place: origin, message: reason))
            return .none(reason)
        }
        if let answer = route.directResponse {
            return .directResponse(DirectAnswer(status: answer.status, body: answer.body))
        }
        let destinations = route.route.map { entry in
            let place = resolver.place(entry.destination, in: namespace)
            if case .fixed(.missing(let reason)) = place { notes.append(RoutingNote(place: origin, message: reason)) }
            return (
                value: RouteDestination(
                    place: place, requestChanges: changes(entry.headers?.request, ofRequest: true, origin),
                    responseChanges: changes(entry.headers?.response, ofRequest: false, origin)),
                weight: entry.weight
            )
        }
        return .forward(WeightedChoice(destinations))
    }

    private func mirrors(_ route: VirtualServiceSpec.HTTPRoute, _ namespace: String) -> [MirrorRule] {
        var rules: [MirrorRule] = []
        func add(_ destination: Destination, _ share: Percentage) {
            guard share.millionths > 0 else { return }
            rules.append(MirrorRule(place: resolver.place(destination, in: namespace), share: share))
        }
        if let mirror = route.mirror { add(mirror, route.mirrorPercentage ?? .all) }
        for mirror in route.mirrors { add(mirror.destination, mirror.percentage ?? .all) }
        return rules
    }

    private func rewrite(_ change: VirtualServiceSpec.Rewrite) throws(PatternError) -> RewriteRule? {
        if let regex = change.uriRegexRewrite {
            let pattern = try engine.compile(regex.match)
            return .regex(pattern, try pattern.replacement(regex.rewrite))
        }
        guard let uri = change.uri, !uri.isEmpty else { return nil }
        return .replacing(Array(uri.utf8))
    }

    private mutating func changes(
        _ changes: HeaderOperations.Changes?, ofRequest: Bool, _ origin: String
    ) -> FieldChanges {
        guard let changes else { return .none }
        for (name, text) in changes.set.merging(changes.add, uniquingKeysWith: { first, _ in first }) {
            let unknown = ValueText(text)?.unknownVariables
            guard unknown?.isEmpty != true else { continue }
            let what = unknown?.first.map { "the unknown variable %\($0)%" } ?? "a single %"
            notes.append(RoutingNote(place: origin, message: "the value of \(name) has \(what): the field is left out"))
        }
        return FieldChanges(changes, ofRequest: ofRequest)
    }
}
