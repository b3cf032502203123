/// What is done with the requests of one route: immutable, shared by all entries that lead to it.
package final class HTTPRoute: Sendable {
    /// What becomes of a request.
    enum Outcome: Sendable {
        case forward(WeightedChoice<RouteDestination>)
        case redirect(RedirectRule)
        case directResponse(DirectAnswer)
        /// Nothing: the route cannot be used, for this reason.
        case none(String)
    }

    let outcome: Outcome
    package let rewrite: RewriteRule?
    /// The new authority; nil for the one that was asked for.
    package let authority: String?
    /// How long a request may take with its retries; nil for no limit.
    package let timeout: Duration?
    package let retries: RetryPolicy
    package let fault: FaultRule?
    package let mirrors: [MirrorRule]
    package let cors: CORSRule?
    /// Changes of requests, before the destination's own.
    package let requestChanges: FieldChanges
    /// Changes of responses, before the destination's own; also of redirects and direct answers.
    package let responseChanges: FieldChanges

    init(
        outcome: Outcome, rewrite: RewriteRule? = nil, authority: String? = nil, timeout: Duration? = nil,
        retries: RetryPolicy = .standard, fault: FaultRule? = nil, mirrors: [MirrorRule] = [], cors: CORSRule? = nil,
        requestChanges: FieldChanges = .none, responseChanges: FieldChanges = .none
    ) {
        self.outcome = outcome
        self.rewrite = rewrite
        self.authority = authority
        self.timeout = timeout
        self.retries = retries
        self.fault = fault
        self.mirrors = mirrors
        self.cors = cors
        self.requestChanges = requestChanges
        self.responseChanges = responseChanges
    }

    /// The clusters that it may lead to, those of its mirrors too.
    var clusters: [ClusterKey] {
        var places = mirrors.map(\.place)
        if case .forward(let choice) = outcome { places += choice.all.map(\.place) }
        return places.flatMap(\.clusters)
    }
}
