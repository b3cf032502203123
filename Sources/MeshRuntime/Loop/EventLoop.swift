package import HTTPWire
package import LinuxSystem
import Synchronization

/// One thread's epoll loop with its timers, mailbox and buffers. Everything that is registered with it lives on its thread and
/// needs no lock; other threads only `submit` and `stop`.
///
/// A turn: wait; hand out events, and after each what it had plain connections send; mailbox; timers; sources that had more to do than
/// one turn allows; then one flush for each tunnel that was written to (D1 d).
package final class EventLoop: @unchecked Sendable {
    // Unchecked: apart from `mailbox`, `thread`, `stopping` and `done`, which are safe by themselves, everything is touched only by
    // the thread that runs the loop, or by its maker before `run`.

    /// Shown in logs and as the thread's name.
    package let name: String
    /// Read once a turn; before `run`, when the loop was made.
    package var now: MonotonicTime { present }
    // The properties marked unchecked are changed by nothing that leads back to them (docs/design/bench.md). Other modules look at stored
    // properties with the check all the same, so that they have `now`.
    @exclusivity(unchecked) private var present: MonotonicTime
    /// Turns since the start. For tests and metrics.
    package private(set) var turns: UInt64 = 0

    /// How long the last bytes of a connection that is over wait for a peer that takes none of them.
    package var outputPatience = RuntimeLimits.outputPatience
    /// The account of what connections on this loop hold for others, for those that begin from now on; nil: each goes by its own bounds.
    @exclusivity(unchecked) package var memory: HeldMemory?

    let buffers: WorkerBuffers
    var connectionsClosed = 0

    private let epoll: Epoll
    private let mailbox: Mailbox
    private let thread = Atomic<UInt64>(0)
    private let stopping = Atomic<Bool>(false)
    private let done = Atomic<UInt64>(0)
    private var sources = SourceTable()
    @safe @exclusivity(unchecked) private var timers = TimerHeap()
    @safe @exclusivity(unchecked) private var ready: [EventSource] = []
    @safe @exclusivity(unchecked) private var dirty: [EventSource] = []
    @safe @exclusivity(unchecked) private var flushing: [EventSource] = []
    @safe @exclusivity(unchecked) private var sending: [EventSource] = []
    private var returnsMemory = false

    private static let wakeToken = UInt64.max - 1

    /// Makes a loop that does not run yet. `mailboxCapacity` bounds what other threads may have queued.
    package init(name: String, mailboxCapacity: Int = RuntimeLimits.mailboxCapacity) throws(Errno) {
        self.name = name
        epoll = try Epoll()
        mailbox = try Mailbox(capacity: mailboxCapacity)
        buffers = try WorkerBuffers()
        present = MonotonicTime(nanoseconds: SystemClock.monotonicNanoseconds)
        try epoll.add(mailbox.descriptor, .readable, token: Self.wakeToken)
    }

    // MARK: any thread

    /// Runs `work` on the loop, in the order of submission. False: the mailbox is full and `work` will not run.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        mailbox.post(work)
    }

    /// How much submitted work has been done. For a watchdog.
    package var workDone: UInt64 { done.load(ordering: .relaxed) }

    /// Ends `run` after its current turn. Sources stay registered.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        mailbox.signal()
    }

    /// True on the thread that is inside `run`.
    package var isCurrent: Bool {
        thread.load(ordering: .relaxed) == SystemThread.current
    }

    // MARK: the loop's thread

    /// Runs `body` after `delay`; in the next turn, without waiting in between, if it is zero or less.
    @discardableResult
    package func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerID {
        schedule(at: now + delay, body)
    }

    /// Runs `body` in the first turn after this one in which `now` has reached `deadline`.
    @discardableResult
    package func schedule(at deadline: MonotonicTime, _ body: @escaping () -> Void) -> TimerID {
        // Not earlier than now: one that is set anew in each turn would stay before all that have been due for longer.
        timers.schedule(at: max(deadline, now), body)
    }

    /// Drops a timer; nothing happens if it has fired.
    package func cancel(_ id: TimerID) {
        timers.cancel(id)
    }

    /// Sources registered now. For tests and metrics.
    package var sourceCount: Int { sources.count }

    /// Runs until `stop`. Blocks the calling thread, which becomes the loop's.
    package func run() {
        thread.store(SystemThread.current, ordering: .relaxed)
        while !stopping.load(ordering: .acquiring) { turn() }
        stopping.store(false, ordering: .relaxed)
        thread.store(0, ordering: .relaxed)
    }

    private func turn() {
        let count: Int
        do throws(Errno) {
            count = try epoll.wait(milliseconds: waitMilliseconds())
        } catch {
            // Only a program error (a closed epoll descriptor) ends here; without events the loop cannot serve anyone.
            stopping.store(true, ordering: .relaxed)
            return
        }
        turns &+= 1
        present = MonotonicTime(nanoseconds: SystemClock.monotonicNanoseconds)
        // What is set in this turn belongs to a later one: a timer that sets itself again keeps nobody from the kernel's events.
        let last = timers.last
        for index in 0..<count {
            let (events, token) = epoll.event(index)
            if token == Self.wakeToken {
                for work in mailbox.takeAll() {
                    work()
                    done.wrappingAdd(1, ordering: .relaxed)
                }
            } else {
                sources.source(token)?.handle(events)
                if !sending.isEmpty { flushSending() }
            }
        }
        while let body = timers.popDue(now, upTo: last) { body() }
        resumeReady()
        flushDirty()
        watchMemory()
    }

    private func waitMilliseconds() -> CInt {
        if !ready.isEmpty { return 0 }
        guard let next = timers.next else { return -1 }
        let time = SystemClock.monotonicNanoseconds
        guard next.nanoseconds > time else { return 0 }
        // Rounded up: waking early would spin until the deadline.
        return CInt(clamping: (next.nanoseconds - time + 999_999) / 1_000_000)
    }

    // MARK: sources

    /// Watches `descriptor` for `source`; false if the kernel refuses (no memory, no watches left).
    func register(_ source: EventSource, _ descriptor: CInt, _ interest: EpollEvents) -> Bool {
        guard let token = sources.insert(source) else { return false }
        do throws(Errno) {
            try epoll.add(descriptor, interest, token: token)
        } catch {
            sources.remove(token)
            return false
        }
        source.token = token
        return true
    }

    /// Forgets `source`. Its descriptor is closed by the owner right after, which ends the kernel's watch, unless
    /// `descriptor` is given: then the watch is removed here.
    func deregister(_ source: EventSource, _ descriptor: CInt? = nil) {
        guard source.token != EventSource.unregistered else { return }
        sources.remove(source.token)
        source.token = EventSource.unregistered
        guard let descriptor else { return }
        do throws(Errno) {
            try epoll.remove(descriptor)
        } catch {
            // Not watched any more: that is what was asked for.
        }
    }

    /// Calls `source.resume()` in the next turn, without waiting in between.
    func continueNextTurn(_ source: EventSource) {
        guard !source.isReady else { return }
        source.isReady = true
        ready.append(source)
    }

    /// Calls `source.turnEnded()` at the end of this turn, once.
    func flushAtTurnEnd(_ source: EventSource) {
        guard !source.isDirty else { return }
        source.isDirty = true
        dirty.append(source)
    }

    /// Calls `source.turnEnded()` when the event is handled that is being handled, or at the end of this turn, once: what one event makes a
    /// connection send leaves in one call, and whoever waits for it goes on while the next event is handled.
    func flushAfterEvent(_ source: EventSource) {
        guard !source.isDirty else { return }
        source.isDirty = true
        sending.append(source)
    }

    private func flushSending() {
        // What sending leads to comes after what is there already.
        var next = 0
        while next < sending.count {
            let source = sending[next]
            next += 1
            source.isDirty = false
            source.turnEnded()
        }
        sending.removeAll(keepingCapacity: true)
    }

    private func resumeReady() {
        guard !ready.isEmpty else { return }
        // Sources that become ready meanwhile wait for the next turn: nobody starves the kernel's events.
        let current = ready
        ready = []
        for source in current {
            source.isReady = false
            source.resume()
        }
    }

    private func flushDirty() {
        // A flush may make others dirty (a stream that goes on); each pass is over a new list, and a source that was
        // flushed is dirty again only if something was written to it.
        while true {
            flushSending()
            guard !dirty.isEmpty else { return }
            swap(&dirty, &flushing)
            for source in flushing {
                source.isDirty = false
                source.turnEnded()
            }
            flushing.removeAll(keepingCapacity: true)
        }
    }

    // MARK: memory

    private func watchMemory() {
        guard !returnsMemory, buffers.isTouched || connectionsClosed >= RuntimeLimits.closesBeforeHeapTrim else {
            return
        }
        returnsMemory = true
        scheduleMemoryReturn(seen: buffers.uses)
    }

    private func scheduleMemoryReturn(seen: UInt64) {
        schedule(after: RuntimeLimits.memoryReturn) { [unowned self] in
            guard buffers.uses == seen else { return scheduleMemoryReturn(seen: buffers.uses) }
            buffers.returnPages()
            if connectionsClosed >= RuntimeLimits.closesBeforeHeapTrim {
                connectionsClosed = 0
                Memory.trimHeap()
            }
            returnsMemory = false
        }
    }
}
