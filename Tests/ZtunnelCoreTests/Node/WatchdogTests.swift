import HTTPWire
import LinuxSystem
import MeshRuntime
import NodeCore
import Synchronization
import Testing
import ZtunnelCore

@Suite struct WatchdogTests {
    private func time(_ seconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test func threadsThatAnswerAreAlive() {
        var watchdog = Watchdog(count: 2, patience: .seconds(15))
        #expect(watchdog.look(now: time(0), workDone: [0, 0]).ask == [0, 1])
        for second in stride(from: UInt64(7), to: 100, by: 7) {
            watchdog.answered(0)
            watchdog.answered(1)
            let finding = watchdog.look(now: time(second), workDone: [0, 0])
            #expect(finding.isAlive && finding.ask == [0, 1])
        }
    }

    @Test func aThreadThatDoesNotAnswerIsLateUntilItDoes() {
        var watchdog = Watchdog(count: 2, patience: .seconds(15))
        _ = watchdog.look(now: time(0), workDone: [0, 0])
        watchdog.answered(0)
        #expect(watchdog.look(now: time(14), workDone: [0, 0]).isAlive)
        #expect(watchdog.look(now: time(15), workDone: [0, 0]).late == [1])
        #expect(watchdog.look(now: time(40), workDone: [0, 0]).late.contains(1))
        watchdog.answered(1)
        watchdog.answered(0)
        #expect(watchdog.look(now: time(41), workDone: [0, 0]).isAlive)
    }

    @Test func workThatIsDoneCountsAsAnAnswer() {
        var watchdog = Watchdog(count: 1, patience: .seconds(15))
        _ = watchdog.look(now: time(0), workDone: [5])
        // Behind a long queue: the question is not reached, the work goes on.
        for second in 1...10 {
            #expect(watchdog.look(now: time(UInt64(second) * 14), workDone: [5 + UInt64(second)]).isAlive)
        }
        #expect(watchdog.look(now: time(155), workDone: [15]).late == [0])
    }

    /// A thread that really hangs: nothing is said any more until it goes on.
    @Test func nothingIsSaidWhileAThreadHangs() throws {
        let log = try TestLog()
        let control = try LoopThread(name: "test-control")
        let stuck = try LoopThread(name: "test-stuck")
        let alive = Mutex(0)
        let watch = Mutex<LoopBound<ThreadWatch>?>(nil)
        _ = control.loop.submit {
            let made = ThreadWatch(
                loop: control.loop, threads: [stuck.loop], period: .milliseconds(200), log: NodeLog(log.logger, "app"),
                alive: { alive.withLock { $0 += 1 } })
            made.start()
            watch.withLock { $0 = LoopBound(made) }
        }
        #expect(Eventually.holds { alive.withLock(\.self) > 3 })
        let release = TestSignal()
        _ = stuck.loop.submit { _ = release.wait() }
        log.wait(for: "the thread test-stuck has not answered")
        let silent = alive.withLock(\.self)
        // Several looks later there is still nothing said.
        let later = TestSignal()
        _ = control.loop.submit { control.loop.schedule(after: .milliseconds(300)) { later.set() } }
        #expect(later.wait())
        #expect(alive.withLock(\.self) == silent)
        release.set()
        #expect(Eventually.holds { alive.withLock(\.self) > silent })
        control.stopAndJoin()
        stuck.stopAndJoin()
    }
}
