/// One match block of one route, in its place in the order.
package final class RouteEntry: Sendable {
    let condition: RouteCondition
    package let route: HTTPRoute
    /// The name for logs: the route's and the match's, joined by a point; `default` where none is written.
    package let name: String
    /// The resource and the place in it that this comes from, for a person.
    package let origin: String

    init(condition: RouteCondition, route: HTTPRoute, name: String, origin: String) {
        self.condition = condition
        self.route = route
        self.name = name
        self.origin = origin
    }

    /// The new value of `:path`; nil where it stays.
    package func rewrittenPath(_ path: Span<UInt8>) -> [UInt8]? {
        route.rewrite?.rewritten(path, matchedBy: condition.path)
    }

    /// The value of `location` in an answer by `rule`. `scheme` is the one that the client used, `port` the one it asked.
    package func location(
        _ rule: RedirectRule, _ request: some RequestFields, scheme: String, port: UInt16
    ) -> [UInt8] {
        rule.location(request, scheme: scheme, port: port, matchedBy: condition.path)
    }
}
