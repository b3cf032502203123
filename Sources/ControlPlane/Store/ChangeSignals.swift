import Synchronization

/// Tells waiting watches that something was written. A signal carries nothing and is kept once: a watch reads the log.
final class ChangeSignals: Sendable {
    private struct State: Sendable {
        var next: UInt64 = 0
        var listeners: [UInt64: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// A stream that yields after each write; ends its subscription when it is dropped.
    func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.next &+= 1
            state.listeners[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    /// Wakes all.
    func raise() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
    }
}
