package import TLSEngine

/// Why a channel has no TLS.
package struct TLSChannelFailure: Error, Sendable, CustomStringConvertible {
    /// The error of TLS; nil where time ran out or the connection below was lost.
    package let tls: TLSError?
    /// What happened.
    package let message: String

    init(_ message: String, tls: TLSError? = nil) {
        self.message = message
        self.tls = tls
    }

    package var description: String { message }
}
