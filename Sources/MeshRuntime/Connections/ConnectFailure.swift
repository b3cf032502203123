package import LinuxSystem

/// Why no connection could be made.
package struct ConnectFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What callers tell apart.
    package enum Reason: Hashable, Sendable {
        /// The kernel's answer, such as ECONNREFUSED.
        case system(Errno)
        /// Nobody answered within this time.
        case timedOut(Duration)
        /// The caller gave up.
        case cancelled
    }

    /// Where the connection was to go.
    package let address: SocketAddress
    /// What callers tell apart.
    package let reason: Reason

    /// Names a failure.
    package init(address: SocketAddress, reason: Reason) {
        self.address = address
        self.reason = reason
    }

    /// "10.0.0.1:80: Connection refused (ECONNREFUSED)".
    package var description: String {
        switch reason {
        case .system(let error): "\(address): \(error)"
        case .timedOut(let time): "\(address): no answer within \(time)"
        case .cancelled: "\(address): given up by this side"
        }
    }
}
