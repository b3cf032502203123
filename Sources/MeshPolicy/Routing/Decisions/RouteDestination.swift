/// One of the places that a route's requests are shared among. Immutable; any thread. A class, since each request takes one along.
package final class RouteDestination: Sendable {
    /// The place, or how it depends on the port that was asked for.
    enum Place: Sendable {
        case fixed(RouteTarget)
        /// The host has several ports: the same one as was asked for.
        case byPort([UInt16: RouteTarget], host: String)

        /// Where a request to `port` goes.
        func target(port: UInt16) -> RouteTarget {
            switch self {
            case .fixed(let target): target
            case .byPort(let targets, let host):
                targets[port] ?? .missing("\(host) has no port \(port); name one of its ports in the route")
            }
        }

        /// Every cluster that it may be.
        var clusters: [ClusterKey] {
            let targets =
                switch self {
                case .fixed(let target): [target]
                case .byPort(let targets, _): Array(targets.values)
                }
            return targets.compactMap { target in
                if case .cluster(let key) = target { key } else { nil }
            }
        }
    }

    let place: Place
    /// Changes of what goes there, after the route's own.
    package let requestChanges: FieldChanges
    /// Changes of what comes back from there, after the route's own.
    package let responseChanges: FieldChanges

    init(place: Place, requestChanges: FieldChanges, responseChanges: FieldChanges) {
        self.place = place
        self.requestChanges = requestChanges
        self.responseChanges = responseChanges
    }
}
