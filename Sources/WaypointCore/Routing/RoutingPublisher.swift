import Synchronization

/// Hands the newest `RoutingState` to the workers: the control loop publishes, workers compare `version`, one atomic load, before each
/// request. Thread: any.
final class RoutingPublisher: Sendable {
    private let newest: Mutex<RoutingState>
    private let publications = Atomic<UInt64>(1)

    init(_ first: RoutingState) {
        newest = Mutex(first)
    }

    /// Changes after, never before, the state that it announces.
    var version: UInt64 { publications.load(ordering: .acquiring) }

    /// Takes a lock for the length of one reference copy.
    var state: RoutingState { newest.withLock { $0 } }

    func publish(_ state: RoutingState) {
        newest.withLock { $0 = state }
        publications.wrappingAdd(1, ordering: .releasing)
    }
}
