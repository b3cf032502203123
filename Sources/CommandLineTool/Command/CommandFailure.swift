/// Why a command ends without having done its work: what happened, to whom, and what to do about it. Printed on standard
/// error as `error: ...` and `next: ...`; a failure without a message has already printed all it had to say.
struct CommandFailure: Error, Equatable, Sendable {
    /// What happened, and to whom.
    let message: String?
    /// What to do next.
    let remedy: String?
    /// The exit code.
    let status: ExitStatus

    init(_ message: String?, next remedy: String? = nil, status: ExitStatus = .failure) {
        self.message = message
        self.remedy = remedy
        self.status = status
    }

    /// Ends with an exit code after the command itself printed the reasons.
    static func reported(_ status: ExitStatus) -> CommandFailure {
        CommandFailure(nil, status: status)
    }

    /// The lines for standard error.
    var lines: [String] {
        [message.map { "error: \($0)" }, remedy.map { "next: \($0)" }].compactMap { $0 }
    }
}
