package import HTTPWire

/// Endpoints whose connect failed a moment ago, passed over as long as the service has others.
///
/// A hint, not a verdict: when nothing else is left, an ejected endpoint is tried again. Confined to its worker; bounded.
package struct EndpointEjections {
    private let capacity: Int
    private let duration: Duration
    private var until: [String: MonotonicTime] = [:]

    /// An empty set whose members leave after `duration`.
    package init(capacity: Int, duration: Duration) {
        self.capacity = capacity
        self.duration = duration
    }

    /// Remembers a failed endpoint. Returns false when the set is full of live entries: the endpoint stays in use.
    package mutating func eject(_ uid: String, now: MonotonicTime) -> Bool {
        if until.count >= capacity { until = until.filter { $0.value > now } }
        guard until.count < capacity || until[uid] != nil else { return false }
        until[uid] = now + duration
        return true
    }

    /// Forgets an endpoint that answered.
    package mutating func restore(_ uid: String) {
        guard !until.isEmpty else { return }
        until.removeValue(forKey: uid)
    }

    /// The endpoints to pass over now.
    package mutating func current(now: MonotonicTime) -> Set<String> {
        guard !until.isEmpty else { return [] }
        until = until.filter { $0.value > now }
        return Set(until.keys)
    }
}
