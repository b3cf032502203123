import Glibc
import HTTPWire
import MeshModel
package import MeshRuntime
import TLSEngine

/// Asks the workloads of this node, each by its probe.
///
/// Confined to a loop of its own, which is no worker's: a probe enters network namespaces and connects to whatever a
/// workload is. `onVerdict` is called there for each change of a verdict, and where the reason of a bad one has changed.
package final class ProbeRunner {
    /// Questions that are open at once; more wait for their turn.
    package static let concurrencyLimit = 64

    /// A change, or another reason: of whom, by which version of the probe, what now, and the answer that did it.
    package typealias Verdict = (uid: String, version: String, health: ProbeSchedule.Health, answer: ProbeAnswer)

    /// What the metrics page shows.
    package struct Counters: Equatable, Sendable {
        package var good: UInt64 = 0
        package var bad: UInt64 = 0
        /// Questions that had to wait because `concurrencyLimit` were open.
        package var delayed: UInt64 = 0

        package init() {}
    }

    private final class Running {
        let target: ProbeTarget
        var schedule: ProbeSchedule
        var timer: TimerID?
        var attempt: (any ProbeQuestion)?
        /// The bad answer that was told last.
        var problem = ""

        init(_ target: ProbeTarget, now: MonotonicTime) {
            self.target = target
            schedule = ProbeSchedule(target.probe, now: now)
        }
    }

    private let loop: EventLoop
    private let mark: UInt32?
    private let commands: CommandSettings
    private let onVerdict: (Verdict) -> Void
    private var running: [String: Running] = [:]
    private var open = 0
    private var waiting: [String] = []
    private var context: TLSContext?
    private let ciphertext = CiphertextPool()
    private var counters = Counters()
    private var commandCount: UInt64 = 0

    /// Asks nobody yet.
    package init(loop: EventLoop, mark: UInt32?, commands: CommandSettings, onVerdict: @escaping (Verdict) -> Void) {
        self.loop = loop
        self.mark = mark
        self.commands = commands
        self.onVerdict = onVerdict
    }

    /// Questions and answers so far.
    package var counted: Counters { counters }

    /// Asks exactly these from now on; a question that has not changed goes on where it was.
    package func ask(_ targets: [String: ProbeTarget]) {
        for (uid, old) in running where targets[uid].map(old.target.isSame) != true { end(uid) }
        for (uid, target) in targets where running[uid] == nil {
            let fresh = Running(target, now: loop.now)
            running[uid] = fresh
            schedule(uid, fresh)
        }
    }

    private func end(_ uid: String) {
        guard let gone = running.removeValue(forKey: uid) else { return }
        if let timer = gone.timer { loop.cancel(timer) }
        waiting.removeAll { $0 == uid }
        gone.attempt?.cancel()
    }

    private func schedule(_ uid: String, _ entry: Running) {
        guard let time = entry.schedule.nextQuestion else { return }
        entry.timer = loop.schedule(at: time) { [weak self, weak entry] in
            guard let self, let entry else { return }
            entry.timer = nil
            guard open < Self.concurrencyLimit else {
                counters.delayed &+= 1
                return waiting.append(uid)
            }
            begin(uid, entry)
        }
    }

    private func begin(_ uid: String, _ entry: Running) {
        open += 1
        entry.schedule.begin(now: loop.now)
        let attempt = question(
            entry.target,
            completion: { [weak self, weak entry] answer in
                guard let self, let entry else { return }
                entry.attempt = nil
                answered(uid, entry, answer)
            }, released: { [weak self] in self?.closed() })
        entry.attempt = attempt
        attempt.start()
    }

    private func question(
        _ target: ProbeTarget, completion: @escaping (ProbeAnswer) -> Void, released: @escaping () -> Void
    ) -> any ProbeQuestion {
        guard case .exec(let command) = target.probe.method else {
            return ProbeAttempt(
                loop: loop, target: target, mark: mark, tls: { [weak self] in self?.tls() }, completion: completion,
                released: released)
        }
        commandCount += 1
        return CommandAttempt(
            loop: loop, target: target, command: command, settings: commands,
            unitName: "ambit-probe-\(getpid())-\(commandCount)", completion: completion, released: released)
    }

    private func answered(_ uid: String, _ entry: Running, _ answer: ProbeAnswer) {
        if answer.isGood { counters.good &+= 1 } else { counters.bad &+= 1 }
        let isChange = entry.schedule.answered(answer.isGood, now: loop.now)
        if isChange || (!answer.isGood && entry.schedule.health == .unhealthy && answer.text != entry.problem) {
            entry.problem = answer.isGood ? "" : answer.text
            onVerdict((uid, entry.target.version, entry.schedule.health, answer))
        }
        schedule(uid, entry)
    }

    /// A place is free.
    private func closed() {
        open -= 1
        while open < Self.concurrencyLimit, !waiting.isEmpty {
            let uid = waiting.removeFirst()
            if let entry = running[uid] { begin(uid, entry) }
        }
    }

    private func tls() -> (TLSContext, CiphertextPool)? {
        if context == nil { context = try? TLSContext(unverifiedProbe: ()) }
        return context.map { ($0, ciphertext) }
    }
}
