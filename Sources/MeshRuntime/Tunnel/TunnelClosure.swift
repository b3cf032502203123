package import HTTPWire

/// Why a tunnel ended.
package struct TunnelClosure: Error, Sendable, CustomStringConvertible {
    /// What callers tell apart.
    package enum Reason: Sendable, Equatable {
        /// GOAWAY from either side, and the last stream has ended.
        case drained
        /// The peer closed the connection.
        case closedByPeer
        /// The TCP connection broke.
        case connectionLost
        /// TLS broke, or the peer refused this side with an alert.
        case tls
        /// A connection error of HTTP/2, or no answer to PING; GOAWAY was sent with this code.
        case http2(HTTP2ErrorCode)
        /// `Tunnel.close` with this code.
        case closedHere(HTTP2ErrorCode)
    }

    /// What callers tell apart.
    package let reason: Reason
    /// What happened.
    package let message: String

    package var description: String { message }
}
