package import MeshRuntime
import MeshTelemetry

/// Tells systemd that the program is alive, for as long as every thread is (WatchdogSec=). Confined to the control loop,
/// whose own standstill is noticed by its silence.
package final class ThreadWatch {
    private let loop: EventLoop
    private let threads: [EventLoop]
    private let interval: Duration
    private let alive: () -> Void
    private let log: NodeLog
    private var watchdog: Watchdog
    private var late: Set<Int> = []

    /// Watches `threads`; `alive` is called several times in `period` while all of them are well.
    package init(loop: EventLoop, threads: [EventLoop], period: Duration, log: NodeLog, alive: @escaping () -> Void) {
        self.loop = loop
        self.threads = threads
        self.alive = alive
        self.log = log
        interval = period / 4
        watchdog = Watchdog(count: threads.count, patience: period / 2)
    }

    /// Begins.
    package func start() {
        let finding = watchdog.look(now: loop.now, workDone: threads.map(\.workDone))
        for index in finding.ask { ask(index) }
        for index in finding.late where late.insert(index).inserted {
            log(
                .error,
                "the thread \(threads[index].name) has not answered for \(DurationText.text(watchdog.patience)): systemd "
                    + "restarts the program unless it goes on")
        }
        if finding.isAlive {
            late = []
            alive()
        }
        loop.schedule(after: interval) { [weak self] in self?.start() }
    }

    private func ask(_ index: Int) {
        let home = LoopBound(self)
        // A full queue is no answer.
        _ = threads[index].submit { [loop] in
            _ = loop.submit { home.value.watchdog.answered(index) }
        }
    }
}
