import LinuxSystem
import Synchronization

/// Work handed to a loop by other threads: bounded, in order, and one wake-up for however many arrive between two turns.
struct Mailbox: ~Copyable, Sendable {
    private let waiting: Mutex<[@Sendable () -> Void]>
    private let wake: EventFD
    private let capacity: Int

    init(capacity: Int) throws(Errno) {
        self.capacity = capacity
        waiting = Mutex([])
        wake = try EventFD()
    }

    /// The descriptor that becomes readable when there is work.
    var descriptor: CInt { wake.raw }

    /// Adds work; false if the mailbox is full. Any thread.
    borrowing func post(_ work: @escaping @Sendable () -> Void) -> Bool {
        let wasEmpty: Bool? = waiting.withLock { list in
            guard list.count < capacity else { return nil }
            list.append(work)
            return list.count == 1
        }
        guard let wasEmpty else { return false }
        if wasEmpty { wake.signal() }
        return true
    }

    /// Wakes the loop without work. Any thread.
    borrowing func signal() { wake.signal() }

    /// Takes everything. Only the loop calls it.
    borrowing func takeAll() -> [@Sendable () -> Void] {
        wake.clear()
        return waiting.withLock { list in
            let taken = list
            list = []
            return taken
        }
    }
}
