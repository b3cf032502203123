/// Why a workload was not enrolled or taken out: what happened, to whom, and what to do.
package struct EnrolmentError: Error, Equatable, CustomStringConvertible {
    /// What callers tell apart; the raw value is the HTTP status of the control socket.
    package enum Code: Int, Sendable {
        /// The request itself is wrong.
        case invalid = 400
        /// There is no such workload.
        case unknown = 404
        /// It stands against another enrolment.
        case conflict = 409
        /// The host did not let us.
        case failed = 500
        /// The node is stopping, or busy with the same workload.
        case unavailable = 503
    }

    /// What callers tell apart.
    package let code: Code
    /// What happened, to whom.
    package let problem: String
    /// What to do.
    package let remedy: String

    /// Names a refusal.
    package init(_ code: Code, _ problem: String, remedy: String) {
        self.code = code
        self.problem = problem
        self.remedy = remedy
    }

    package var description: String { "\(problem); \(remedy)" }
}
