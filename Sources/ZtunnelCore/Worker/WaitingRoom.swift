package import MeshRuntime

/// Connections of one workload that wait for something to arrive: the workload's record, or its certificate.
///
/// Every waiter has a deadline; a wake runs all of them, and each looks for itself whether what it needs is there. Confined
/// to its worker's loop. Bounded by `DataPlaneLimits.waitingConnections`.
package final class WaitingRoom {
    private struct Waiter {
        let resume: (_ timedOut: Bool) -> Void
        let timer: TimerID
    }

    private let loop: EventLoop
    private let capacity: Int
    private let timeout: Duration
    private var waiters: [UInt64: Waiter] = [:]
    private var nextTicket: UInt64 = 0

    /// An empty room whose waiters give up after `timeout`.
    package init(loop: EventLoop, capacity: Int, timeout: Duration) {
        self.loop = loop
        self.capacity = capacity
        self.timeout = timeout
    }

    /// How many wait.
    package var count: Int { waiters.count }

    /// Calls `resume` once: with false at the next wake, with true when the timeout has passed first. Returns false, and
    /// never calls it, when the room is full.
    package func wait(_ resume: @escaping (_ timedOut: Bool) -> Void) -> Bool {
        guard waiters.count < capacity else { return false }
        let ticket = nextTicket
        nextTicket &+= 1
        let timer = loop.schedule(after: timeout) { [self] in
            waiters.removeValue(forKey: ticket)?.resume(true)
        }
        waiters[ticket] = Waiter(resume: resume, timer: timer)
        return true
    }

    /// Lets everyone look again. A waiter that still lacks something waits anew.
    package func wake() {
        guard !waiters.isEmpty else { return }
        let woken = waiters.sorted { $0.key < $1.key }
        waiters.removeAll(keepingCapacity: false)
        for (_, waiter) in woken {
            loop.cancel(waiter.timer)
            waiter.resume(false)
        }
    }
}
