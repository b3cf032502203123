/// Why a host name has no address.
package struct NameFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What callers tell apart.
    package enum Reason: String, Sendable {
        /// There is no such name, or it has no address.
        case notFound = "not_found"
        /// No server has answered.
        case unreachable
        /// A server would not, or could not, say.
        case refused
    }

    /// What callers tell apart.
    package let reason: Reason
    /// What happened, with the name.
    package let description: String

    /// Names a failure.
    package init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
