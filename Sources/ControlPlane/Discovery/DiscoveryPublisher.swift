import Synchronization

/// Holds the current snapshot and wakes every session when a new one comes.
///
/// A waiting session gets one wake-up however many snapshots came meanwhile: it reads the newest.
package final class DiscoveryPublisher: Sendable {
    private struct State: Sendable {
        var snapshot = DiscoverySnapshot.empty
        var waiting: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var nextID: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Starts with the empty snapshot, from which nobody is answered.
    package init() {}

    /// The newest snapshot.
    package var snapshot: DiscoverySnapshot { state.withLock { $0.snapshot } }

    /// Makes `snapshot` the current one and wakes all sessions.
    package func publish(_ snapshot: DiscoverySnapshot) {
        let continuations = state.withLock { state in
            state.snapshot = snapshot
            return Array(state.waiting.values)
        }
        for continuation in continuations { continuation.yield() }
    }

    /// A stream with an element after each publication (merged); ends when its reader stops reading.
    package func publications() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id: UInt64? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.nextID &+= 1
            state.waiting[state.nextID] = continuation
            return state.nextID
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.waiting.removeValue(forKey: id) }
        }
        return stream
    }

    /// Ends every session's stream, now and from now on: the server is about to stop.
    package func close() {
        let continuations = state.withLock { state in
            state.isClosed = true
            return Array(state.waiting.values)
        }
        for continuation in continuations { continuation.finish() }
    }

    /// Sessions that wait for publications.
    package var sessionCount: Int { state.withLock { $0.waiting.count } }
}
