/// Why the certificate authority could not do what was asked.
///
/// `code` is what callers switch on (a gRPC status is chosen by it); `message` says what happened, to whom, and what to do.
package struct AuthorityError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure of the authority.
    package enum Code: Sendable, Equatable {
        /// The files of the authority are missing in part, unreadable or do not belong together.
        case unusableFiles
        /// A signing request that is not well formed, not signed by its own key, or of a key type that is not allowed.
        case refuseRequest
        /// The signing request names something else than what the caller asked for or may have.
        case refuseName
        /// Signing failed for a reason inside the authority (for example its own certificate has expired).
        case cannotSign
    }

    /// What kind of failure it is.
    package let code: Code
    /// The whole sentence for a log or a reply.
    package let message: String

    /// Makes an error of this kind.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
