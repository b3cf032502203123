import Synchronization

/// The connections of one port: counts them, and closes those that `ConnectionAdmission` gives up. Shared by all event loops.
package final class ConnectionGate: Sendable {
    /// Why a connection was closed; a closed set, for the metric.
    enum Reason: String, Sendable, CaseIterable {
        /// It proved nothing within the deadline.
        case proofDeadline = "proof_deadline"
        /// A newer one took its place.
        case evicted
        /// All places were taken by connections that have proven who they are.
        case full
    }

    private struct State: Sendable {
        var admission: ConnectionAdmission
        var next: UInt64 = 0
        var closers: [UInt64: @Sendable () -> Void] = [:]
    }

    let limits: ConnectionLimits
    private let server: String
    private let metrics: ControlMetrics
    private let state: Mutex<State>

    /// A gate of the port that metrics call `server`.
    package init(_ server: String, _ limits: ConnectionLimits, metrics: ControlMetrics) {
        self.server = server
        self.limits = limits
        self.metrics = metrics
        state = Mutex(State(admission: ConnectionAdmission(limits)))
    }

    /// Takes a new connection, which `close` closes from any thread. Nil where it must be closed at once.
    func accept(close: @escaping @Sendable () -> Void) -> UInt64? {
        let (id, evicted, count) = state.withLock { state -> (UInt64?, (@Sendable () -> Void)?, Int) in
            state.next += 1
            let id = state.next
            var evicted: (@Sendable () -> Void)?
            switch state.admission.accept(id) {
            case .keep: break
            case .keepInsteadOf(let other): evicted = state.closers.removeValue(forKey: other)
            case .refuse: return (nil, nil, state.admission.count)
            }
            state.closers[id] = close
            return (id, evicted, state.admission.count)
        }
        metrics.set(.connections, to: count, label: "server", value: server)
        if id == nil { note(.full) }
        if let evicted {
            note(.evicted)
            evicted()
        }
        return id
    }

    func prove(_ id: UInt64) {
        state.withLock { $0.admission.prove(id) }
    }

    /// The deadline of a connection has come: true where it has proven nothing and must be closed.
    func reachesDeadline(_ id: UInt64) -> Bool {
        let isLate = state.withLock { $0.admission.isUnproven(id) }
        if isLate { note(.proofDeadline) }
        return isLate
    }

    func closed(_ id: UInt64) {
        let count = state.withLock { state in
            state.admission.close(id)
            state.closers[id] = nil
            return state.admission.count
        }
        metrics.set(.connections, to: count, label: "server", value: server)
    }

    private func note(_ reason: Reason) {
        metrics.add(.connectionsClosed, label: "reason", value: "\(server)_\(reason.rawValue)")
    }
}
