/// What is done with a request. CORS and faults of the entry's route come before it (DESIGN: order of phases).
package enum RouteDecision: Sendable {
    /// It is sent to a cluster, with the changes of route and destination.
    case forward(RouteEntry, ClusterKey, RouteDestination)
    /// It is answered with a redirect.
    case redirect(RouteEntry, RedirectRule)
    /// It is answered with this.
    case directResponse(RouteEntry, DirectAnswer)
    /// No route is for it: 404, flag NR.
    case noRoute
    /// The route leads to a host, port or subset that is not there: 503, flag NC. The reason is for logs.
    case noCluster(RouteEntry, String)

    /// The entry that decided; nil where none did.
    package var entry: RouteEntry? {
        switch self {
        case .forward(let entry, _, _), .redirect(let entry, _), .directResponse(let entry, _),
            .noCluster(let entry, _):
            entry
        case .noRoute: nil
        }
    }
}

extension RouteDecision: CustomStringConvertible {
    /// The decision and where it comes from, for a person.
    package var description: String {
        switch self {
        case .forward(let entry, let cluster, _): "\(entry.origin) sends it to \(cluster)"
        case .redirect(let entry, let rule): "\(entry.origin) answers with a redirect (\(rule.status))"
        case .directResponse(let entry, let answer): "\(entry.origin) answers \(answer.status) itself"
        case .noRoute: "no route is for it: 404"
        case .noCluster(let entry, let reason): "\(entry.origin) leads nowhere: \(reason): 503"
        }
    }
}
