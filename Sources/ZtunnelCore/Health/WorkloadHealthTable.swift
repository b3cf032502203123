package import HTTPWire
package import MeshAPI
import MeshModel
import MeshTelemetry
package import NodeCore

/// The health of this node's workloads: their probes, the verdicts, and which of them are drained. What reports and pages
/// say about it comes from here.
///
/// Confined to the control loop; the asking happens elsewhere (`ProbeRunner`).
package final class WorkloadHealthTable {
    /// What the metrics page shows.
    package struct Counters: Equatable, Sendable {
        package var probed = 0
        package var unhealthy = 0
        package var drained = 0
        /// Verdicts that changed.
        package var transitions: UInt64 = 0

        package init() {}
    }

    /// How long a workload is taken to be stopping, should nobody say that it has started again: above the time that systemd
    /// gives a unit.
    package static let stoppingLimit: Duration = .seconds(180)

    private let drainedFile: DrainedWorkloads
    private let now: () -> MonotonicTime
    private let log: NodeLog
    private var states: [String: WorkloadHealthState] = [:]
    private var drained: Set<String>
    private var stopping: [String: MonotonicTime] = [:]
    private var transitions: UInt64 = 0

    /// Called when a report would say something else.
    package var onChange: () -> Void = {}
    /// Asks exactly these workloads from now on.
    package var ask: ([String: ProbeTarget]) -> Void = { _ in }

    /// Takes in who was drained before a restart.
    package init(drainedFile: DrainedWorkloads, now: @escaping () -> MonotonicTime, log: NodeLog) {
        self.drainedFile = drainedFile
        self.now = now
        self.log = log
        drained = drainedFile.load()
    }

    /// Takes in who was drained while the generation before was still at work.
    package func reload() {
        drained = drainedFile.load()
    }

    /// Gauges and counters.
    package var counters: Counters {
        var counters = Counters()
        counters.probed = states.values.count { $0.probe != nil }
        counters.unhealthy = states.values.count { $0.probe?.health == .unhealthy }
        counters.drained = drained.union(stopping.keys).count
        counters.transitions = transitions
        return counters
    }

    /// The state of a workload.
    package func state(_ uid: String) -> WorkloadHealthState {
        var state = states[uid] ?? WorkloadHealthState()
        state.drain = drained.contains(uid) ? .drained : isStopping(uid) ? .stopping : nil
        return state
    }

    /// The workloads of the node changed: whoever is gone is forgotten, and the served ones that have a probe are asked.
    package func update(_ statuses: [EnrolmentStatus]) {
        let present = Set(statuses.map(\.record.uid))
        states = states.filter { present.contains($0.key) }
        stopping = stopping.filter { present.contains($0.key) && isStopping($0.key) }
        if !drained.isSubset(of: present) { keep(drained.intersection(present)) }
        var targets: [String: ProbeTarget] = [:]
        for status in statuses where status.problem == nil {
            let record = status.record
            guard let probe = states[record.uid]?.probe else { continue }
            // A command is in the workload's slice, and a unit that does not run would seem to.
            if status.note != nil, case .exec = probe.probe.method { continue }
            targets[record.uid] = ProbeTarget(
                version: probe.version, probe: probe.probe, namespace: status.namespace, addresses: status.addresses,
                uid: record.uid, group: "\(record.namespace)/\(record.group)",
                place: CommandPlace(record, hasNamespace: status.namespace != nil))
        }
        ask(targets)
    }

    /// The control plane answered a report: the probes of all workloads that it took.
    package func take(_ probes: [String: Ambit_Node_V1_Probe?]) {
        for (uid, message) in probes {
            guard let message else {
                states[uid]?.probe = nil
                continue
            }
            guard states[uid]?.probe?.version != message.version else { continue }
            guard let probe = ReadinessProbe(message) else {
                log(
                    .error,
                    "the probe of workload \(uid) cannot be read by this version of ztunnel: it is not asked and stays out of "
                        + "the endpoints; upgrade ztunnel")
                states[uid]?.probe = nil
                continue
            }
            states[uid, default: WorkloadHealthState()].probe = .init(version: message.version, probe: probe)
        }
    }

    /// A workload's verdict changed, or why it is a bad one. One of a probe that does not hold any more changes nothing.
    package func take(_ verdict: ProbeRunner.Verdict) {
        guard var probe = states[verdict.uid]?.probe, probe.version == verdict.version else { return }
        guard probe.health != verdict.health else {
            // Whoever mends it step by step sees the next step. Reasons may differ each time, so the log has the first alone.
            states[verdict.uid]?.probe?.answer = verdict.answer.text
            return
        }
        transitions &+= 1
        let isFirst = probe.health == .unknown
        probe.health = verdict.health
        probe.answer = verdict.answer.text
        states[verdict.uid]?.probe = probe
        let bad = probe.probe.failureThreshold
        switch verdict.health {
        case .healthy:
            log(.info, "workload \(verdict.uid) is healthy\(isFirst ? "" : " again"): \(verdict.answer.text)")
        case .unhealthy, .unknown:
            log(
                .warn,
                "workload \(verdict.uid) is not healthy and leaves the endpoints: \(verdict.answer.text)"
                    + (bad > 1 ? " (\(bad) failures in a row, this is the last)" : ""))
        }
        onChange()
    }

    /// Takes a workload out of the endpoints.
    package func drain(_ uid: String, _ drain: WorkloadHealthState.Drain) {
        let before = state(uid).drain
        switch drain {
        case .drained: keep(drained.union([uid]))
        case .stopping: stopping[uid] = now() + Self.stoppingLimit
        }
        guard before == nil else { return }
        log(.info, "workload \(uid) \(drain == .drained ? "is drained" : "stops"): it leaves the endpoints")
        onChange()
    }

    /// Takes it back. What an administrator has drained stays so when the workload stops and starts.
    package func undrain(_ uid: String, _ drain: WorkloadHealthState.Drain) {
        let before = state(uid).drain
        stopping[uid] = nil
        if drain == .drained { keep(drained.subtracting([uid])) }
        guard before != nil, state(uid).drain == nil else { return }
        log(.info, "workload \(uid) is taken back from drain")
        onChange()
    }

    private func isStopping(_ uid: String) -> Bool { stopping[uid].map { now() < $0 } ?? false }

    private func keep(_ uids: Set<String>) {
        guard uids != drained else { return }
        drained = uids
        do throws(StateDirectoryError) {
            try drainedFile.save(uids)
        } catch {
            log(.error, "which workloads are drained cannot be stored and would be forgotten by a restart: \(error)")
        }
    }
}
