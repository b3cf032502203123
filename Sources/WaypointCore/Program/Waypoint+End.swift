import Glibc
import LinuxSystem
import MeshRuntime
import MeshTelemetry
import NodeCore

/// How the program ends.
extension Waypoint {
    /// How long the control plane may take to hear that this waypoint leaves.
    private static let leaveDeadline: Duration = .seconds(2)

    /// A signal has come.
    func interrupted(_ number: CInt) {
        guard number != SIGUSR1 else {
            isRestarting = true
            return
        }
        let log = NodeLog(logger, "app")
        if successor != nil {
            log(.info, "told to end: open requests have \(DurationText.text(configuration.drainDeadline)) to finish")
            loop.schedule(after: configuration.drainDeadline) { [weak self] in self?.end() }
            return
        }
        // Somebody who asks twice does not want to wait.
        guard !isDraining else { return end() }
        isDraining = true
        log(.info, "ends: open requests have \(DurationText.text(configuration.drainDeadline)) to finish")
        service?.stopping(status: "ending")
        watchdog = nil
        upgrades.stop()
        guard let registration, !isRestarting else {
            registration?.stop()
            // What systemd keeps lets new connections wait for the next process.
            sockets.abandon()
            return drain(deadline: configuration.drainDeadline)
        }
        // First nobody chooses this waypoint any more; until then it serves.
        isLeaving = true
        registration.leave(deadline: Self.leaveDeadline) { [weak self] in
            guard let self else { return }
            // Whoever has not heard of it yet is refused, and tries another one.
            lease = nil
            doors?.close()
            drain(deadline: configuration.drainDeadline)
        }
    }

    /// Takes nothing new, and ends when the last request is over, or after `deadline`.
    func drain(deadline: Duration) {
        let home = LoopBound(self)
        let gathering = Gathering<Bool>(count: workers.count) { [loop] _ in loop.submitAlways { home.value.end() } }
        for (worker, thread) in zip(workers, threads) {
            thread.loop.submitAlways { worker.value.drain { gathering.report(true) } }
        }
        loop.schedule(after: deadline) { [weak self] in self?.end() }
    }

    func end() {
        discovery?.stop()
        resources.save()
        NodeLog(logger, "app")(.info, "ended")
        loop.stop()
    }
}
