import Synchronization

/// Tells the open streams of a node that its standing changed: they ask whether they may go on.
final class CutOffs: Sendable {
    private struct State: Sendable {
        var next: UInt64 = 0
        var listeners: [String: [UInt64: AsyncStream<Void>.Continuation]] = [:]
    }

    private let state = Mutex(State())

    /// A stream with an element after each `raise` for `node` (merged); dropped, it is forgotten. One per open stream.
    func subscribe(to node: String) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.next &+= 1
            state.listeners[node, default: [:]][state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in
                state.listeners[node]?[id] = nil
                if state.listeners[node]?.isEmpty == true { state.listeners[node] = nil }
            }
        }
        return stream
    }

    /// Wakes all streams of `node`.
    func raise(_ node: String) {
        for listener in state.withLock({ Array(($0.listeners[node] ?? [:]).values) }) { listener.yield() }
    }
}
