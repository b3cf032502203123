package import LinuxSystem
package import TLSEngine

/// Why no tunnel came to be.
package struct TunnelFailure: Error, Sendable, CustomStringConvertible {
    /// How far it got.
    package enum Stage: Sendable {
        /// No TCP connection.
        case connect
        /// No TLS session.
        case handshake
        /// Neither within the time allowed.
        case timeout
        /// This side could not start: no memory, or its certificate cannot be used.
        case local
    }

    /// How far it got.
    package let stage: Stage
    /// The other end.
    package let remote: SocketAddress
    /// The error of TLS, if that was it.
    package let tls: TLSError?
    /// The error of the kernel, if that was it.
    package let system: Errno?
    /// What happened, with the other end's address.
    package let message: String

    init(_ stage: Stage, _ remote: SocketAddress, _ message: String, tls: TLSError? = nil, system: Errno? = nil) {
        self.stage = stage
        self.remote = remote
        self.message = message
        self.tls = tls
        self.system = system
    }

    package var description: String { message }
}
