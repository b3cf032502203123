/// Why there is no certificate: what happened, and what to do.
package struct CertificateFailure: Error, Equatable, CustomStringConvertible {
    /// One sentence.
    package let reason: String

    /// A failure because of `reason`.
    package init(_ reason: String) {
        self.reason = reason
    }

    package var description: String { reason }
}
