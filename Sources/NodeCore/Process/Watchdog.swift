package import HTTPWire

/// Whether every thread of the program gets on with its work. Pure: time and answers are arguments.
///
/// Each thread is asked; one that has not answered for `patience` is late. Work that was done counts as an answer, since a
/// question waits behind the work that came before it.
package struct Watchdog: Sendable {
    /// What a look at the threads has found.
    package struct Finding: Hashable, Sendable {
        /// Threads that are to be asked now.
        package var ask: [Int] = []
        /// Threads that are late.
        package var late: [Int] = []
        /// Whether the service manager may hear that all is well.
        package var isAlive: Bool { late.isEmpty }
    }

    private enum Member {
        /// It has answered.
        case idle(workDone: UInt64)
        /// It owes an answer since then.
        case asked(since: MonotonicTime, workDone: UInt64)
    }

    /// How long a thread may take.
    package let patience: Duration
    private var members: [Member]

    /// Watches `count` threads.
    package init(count: Int, patience: Duration) {
        self.patience = patience
        members = Array(repeating: .idle(workDone: 0), count: count)
    }

    /// The thread `index` has answered.
    package mutating func answered(_ index: Int) {
        if case .asked(_, let workDone) = members[index] { members[index] = .idle(workDone: workDone) }
    }

    /// Looks at all threads at `now`; `workDone` counts what each has done.
    package mutating func look(now: MonotonicTime, workDone: [UInt64]) -> Finding {
        var finding = Finding()
        for index in members.indices {
            switch members[index] {
            case .idle:
                members[index] = .asked(since: now, workDone: workDone[index])
                finding.ask.append(index)
            case .asked(_, let before) where before != workDone[index]:
                members[index] = .asked(since: now, workDone: workDone[index])
            case .asked(let since, _):
                if now - since >= patience { finding.late.append(index) }
            }
        }
        return finding
    }
}
