/// Why a command ends without having done its work: what happened, to whom, and what to do about it. Printed on standard
/// error as `error: ...` and `next: ...`; a failure without a message has already printed all it had to say.
package struct CommandFailure: Error, Equatable, Sendable {
    /// What happened, and to whom.
    package let message: String?
    /// What to do next.
    package let remedy: String?
    /// The exit code.
    package let status: ExitStatus

    package init(_ message: String?, next remedy: String? = nil, status: ExitStatus = .failure) {
        self.message = message
        self.remedy = remedy
        self.status = status
    }

    /// Ends with an exit code after the command itself printed the reasons.
    package static func reported(_ status: ExitStatus) -> CommandFailure {
        CommandFailure(nil, status: status)
    }

    /// The lines for standard error.
    package var lines: [String] {
        [message.map { "error: \($0)" }, remedy.map { "next: \($0)" }].compactMap { $0 }
    }
}
