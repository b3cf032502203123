/// What must have happened before this node takes traffic: the answer of `/healthz/ready` (Z 0).
///
/// A value, owned by the control loop. A task that is done stays done, except the ones that are reopened by name.
package struct Readiness: Equatable, Sendable {
    /// The tasks, by Istio's names.
    package enum Task: String, CaseIterable, Sendable {
        /// The mesh's state is known: from the control plane, from the disk, or from a file.
        case stateManager = "state manager"
        /// The workers run.
        case proxy = "proxy"
        /// The mesh DNS answers.
        case dnsProxy = "dns proxy"
        /// Every enrolment that the disk knows is served.
        case workloadManager = "workload proxy manager"
    }

    private var pending: Set<Task>

    /// Nothing of `tasks` has happened yet.
    package init(_ tasks: Set<Task>) {
        pending = tasks
    }

    /// `task` has happened.
    package mutating func done(_ task: Task) { pending.remove(task) }

    /// `task` must happen again.
    package mutating func reopen(_ task: Task) { pending.insert(task) }

    /// Whether nothing is pending.
    package var isReady: Bool { pending.isEmpty }

    /// The body of the answer.
    package var text: String {
        guard !isReady else { return "ready\n" }
        let names = Task.allCases.filter(pending.contains).map(\.rawValue)
        return "not ready, pending: \(names.joined(separator: ", "))\n"
    }
}
