import MeshModel
package import MeshRuntime
package import NodeCore

/// Takes a workload out of the endpoints and waits until the mesh knows: what a unit does before its sockets close.
///
/// Confined to the control loop. Nobody waits longer than asked for, whatever the control plane does.
package final class WorkloadDrain {
    /// The longest wait that may be asked for: below the time that ambitctl gives a request.
    package static let longestWait: Duration = .seconds(10)
    /// How often the snapshot is looked at for the change to come back.
    static let interval: Duration = .milliseconds(10)

    /// How it ended.
    package enum Outcome: Equatable, Sendable {
        /// The control plane has stored it, and has sent it back to this node as to all others.
        case known
        /// It is drained on this node, but the mesh has not confirmed it; the reason.
        case unconfirmed(String)
    }

    private let loop: EventLoop
    private let table: WorkloadHealthTable
    private let reporter: WorkloadReporter?
    private let state: NodeState
    private let node: String?

    /// `reporter` is nil where no control plane takes reports.
    package init(
        loop: EventLoop, table: WorkloadHealthTable, reporter: WorkloadReporter?, state: NodeState, node: String?
    ) {
        self.loop = loop
        self.table = table
        self.reporter = reporter
        self.state = state
        self.node = node
    }

    /// Drains, and calls `completion` once: when the mesh knows, or after `wait`. A drained workload is drained still.
    package func drain(
        _ record: EnrolmentRecord, _ drain: WorkloadHealthState.Drain, wait: Duration,
        completion: @escaping (Outcome) -> Void
    ) {
        table.drain(record.uid, drain)
        guard let reporter else { return completion(.unconfirmed("no control plane takes reports of this node")) }
        let attempt = Attempt(completion)
        attempt.timer = loop.schedule(after: min(wait, Self.longestWait)) {
            attempt.finish(.unconfirmed("the control plane has not confirmed it within \(wait)"))
        }
        reporter.report { [weak self] refusals in
            guard let self, !attempt.isOver else { return }
            if let refusal = refusals[record.uid] {
                return end(attempt, .unconfirmed("the control plane does not take the workload: \(refusal)"))
            }
            watch(record, attempt)
        }
    }

    /// Takes a drained workload back; `stopping` leaves alone what an administrator has drained.
    package func undrain(_ record: EnrolmentRecord, _ drain: WorkloadHealthState.Drain) {
        table.undrain(record.uid, drain)
    }

    /// The snapshot comes from the same push that other nodes get.
    private func watch(_ record: EnrolmentRecord, _ attempt: Attempt) {
        guard !attempt.isOver else { return }
        let known = state.snapshot.workload(
            namespace: record.namespace, name: record.name, serviceAccount: record.serviceAccount, node: node)
        guard known?.health == .healthy else { return end(attempt, .known) }
        _ = loop.schedule(after: Self.interval) { [weak self] in self?.watch(record, attempt) }
    }

    private func end(_ attempt: Attempt, _ outcome: Outcome) {
        if let timer = attempt.timer { loop.cancel(timer) }
        attempt.finish(outcome)
    }

    private final class Attempt {
        private var completion: ((Outcome) -> Void)?
        var timer: TimerID?

        init(_ completion: @escaping (Outcome) -> Void) {
            self.completion = completion
        }

        var isOver: Bool { completion == nil }

        func finish(_ outcome: Outcome) {
            let completion = completion
            self.completion = nil
            completion?(outcome)
        }
    }
}
