import Synchronization

/// Something that another thread will say once.
final class TestSignal: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }

    /// Whether it came within ten seconds.
    func wait() -> Bool { Eventually.holds { isSet } }
}
