/// Accounts for what a cluster's limits bound, on one worker (I 2.15). Pure: whoever makes connections and requests asks
/// before, and tells when they end. What is refused is answered 503 with flag UO, `overflowBody` and `x-envoy-overloaded`.
package struct CircuitBreaker: Sendable {
    /// The body of an answer to what a limit refused.
    package static let overflowBody =
        "upstream connect error or disconnect/reset before headers. reset reason: overflow"

    /// What is bounded.
    package enum Resource: CaseIterable, Sendable {
        case connection
        case pendingRequest
        case request
        case retry
    }

    private var connections = 0
    private var pendingRequests = 0
    private var requests = 0
    private var retries = 0
    /// How often a limit refused something, by resource in the order of `Resource.allCases`; for metrics.
    package private(set) var overflows = [UInt64](repeating: 0, count: Resource.allCases.count)

    /// Nothing is under way.
    package init() {}

    /// How many there are.
    package func count(_ resource: Resource) -> Int {
        switch resource {
        case .connection: connections
        case .pendingRequest: pendingRequests
        case .request: requests
        case .retry: retries
        }
    }

    /// Counts one more, unless that is too many: then false, and an overflow is counted.
    package mutating func admit(_ resource: Resource, _ limits: ClusterLimits) -> Bool {
        let limit =
            switch resource {
            case .connection: limits.connections
            case .pendingRequest: limits.pendingRequests
            case .request: limits.requests
            case .retry: limits.retries
            }
        return admit(resource, limit: limit)
    }

    /// As `admit` with a limit that something else decides, such as a retry budget.
    mutating func admit(_ resource: Resource, limit: Int) -> Bool {
        guard count(resource) < limit else {
            if let place = Resource.allCases.firstIndex(of: resource) { overflows[place] += 1 }
            return false
        }
        add(resource, 1)
        return true
    }

    /// One that was admitted has ended.
    package mutating func release(_ resource: Resource) {
        guard count(resource) > 0 else { return }
        add(resource, -1)
    }

    private mutating func add(_ resource: Resource, _ difference: Int) {
        switch resource {
        case .connection: connections += difference
        case .pendingRequest: pendingRequests += difference
        case .request: requests += difference
        case .retry: retries += difference
        }
    }
}
