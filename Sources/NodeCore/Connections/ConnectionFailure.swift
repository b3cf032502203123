/// Why a connection did not come about, or was cut by this node: the text of the access log, the label of the metrics, and
/// what the peer of an inbound tunnel is answered (Z 2.4, 8.1).
///
/// A connection that one of its ends closed or reset is not a failure (Z 2.6).
/// One reference wide, because every live connection has room for one.
package final class ConnectionFailure: Error, Sendable, Equatable {
    /// The value of the label `response_flags`.
    package let flag: ResponseFlag
    /// The status that an inbound CONNECT is answered with.
    package let status: Int
    /// The field `error` of the access log.
    package let message: String
    /// Whether another endpoint of the service may do better: nothing of the client's bytes has been sent yet.
    package let isRetryable: Bool
    /// Whether the same endpoint may do better in a moment: its ztunnel is not there, or went away before it answered, as one
    /// does that restarts. Implies `isRetryable`.
    package let isPassing: Bool

    private init(
        _ flag: ResponseFlag, _ status: Int, _ message: String, isRetryable: Bool = false, isPassing: Bool = false
    ) {
        self.flag = flag
        self.status = status
        self.message = message
        self.isRetryable = isRetryable || isPassing
        self.isPassing = isPassing
    }

    package static func == (left: ConnectionFailure, right: ConnectionFailure) -> Bool {
        left.flag == right.flag && left.status == right.status && left.message == right.message
    }

    /// A policy of the destination denies it; `reason` names the policy.
    package static func policyRejection(_ reason: String) -> ConnectionFailure {
        ConnectionFailure(.deny, 401, "connection closed due to policy rejection: \(reason)")
    }

    /// A policy or a workload changed, and the connection is no longer allowed.
    package static let policyChange = ConnectionFailure(.deny, 401, "connection closed due to policy change")

    /// The peer showed a certificate that was issued to a node which was cut off since. Another endpoint may do.
    package static func revoked(identity: String, node: String, serial: String) -> ConnectionFailure {
        ConnectionFailure(
            .tlsFailure, 503,
            "the certificate \(serial) of \(identity) was revoked: it was issued to node \(node), which may not have it any more",
            isRetryable: true)
    }

    /// The node or the workload stops.
    package static let drain = ConnectionFailure(.none, 503, "connection closed due to connection drain")

    /// The capture rules, or a peer, sent us to a port of our own.
    package static let selfCall = ConnectionFailure(.none, 503, "attempted recursive call to ourselves")

    /// Somebody connected to a workload's listener on the loopback address without having been redirected there.
    package static let notCaptured = ConnectionFailure(
        .none, 503, "the connection was not captured: only traffic of the enrolled workload may use this port")

    /// A captured plaintext connection to a port of the host that none of its workloads has.
    package static func foreignPort(_ port: UInt16) -> ConnectionFailure {
        ConnectionFailure(.none, 503, "no workload of this host has port \(port)")
    }

    /// Another method than CONNECT on the HBONE port.
    package static func unexpectedMethod(_ method: String) -> ConnectionFailure {
        ConnectionFailure(.none, 400, "expected method CONNECT, got \(method)")
    }

    /// A CONNECT without a usable `:authority`.
    package static let noAuthority = ConnectionFailure(.none, 400, "no valid authority pseudo header")

    /// A CONNECT to an address that is not the workload's.
    package static func ipMismatch(connection: String, authority: String) -> ConnectionFailure {
        ConnectionFailure(.none, 400, "ip mismatch: \(connection) != \(authority)")
    }

    /// The decision found the request wrong or unanswerable, and says with which status.
    package static func refused(status: Int, _ message: String) -> ConnectionFailure {
        ConnectionFailure(.none, status, message)
    }

    /// The snapshot has no record of the local workload, and none arrived in time.
    package static let unknownLocalWorkload = ConnectionFailure(
        .none, 503, "failed to fetch information about local workload")

    /// No way leads to the destination.
    package static func noUpstream(_ message: String) -> ConnectionFailure { ConnectionFailure(.connect, 503, message) }

    /// The TCP connect to the destination failed or timed out.
    package static func connectFailed(_ reason: String) -> ConnectionFailure {
        ConnectionFailure(.connect, 503, "connection failed: \(reason)", isRetryable: true)
    }

    /// The connect to a peer's HBONE port timed out.
    package static let tunnelTimeout = ConnectionFailure(
        .networkPolicy, 503, "connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008",
        isRetryable: true)

    /// Nobody listens on a peer's HBONE port, or whoever did has just gone.
    package static func peerAbsent(_ reason: String) -> ConnectionFailure {
        ConnectionFailure(.connect, 503, "connection failed: \(reason)", isPassing: true)
    }

    /// The TLS handshake with the peer's ztunnel failed. `isBroken`: the connection ended under it, no side refused the other.
    package static func tls(_ reason: String, isBroken: Bool = false) -> ConnectionFailure {
        ConnectionFailure(
            .tlsFailure, 503, "tls handshake error: \(reason)", isRetryable: true, isPassing: isBroken)
    }

    /// The tunnel ended before it answered the CONNECT, or its peer said that it did not look at it.
    package static func tunnelClosed(_ reason: String) -> ConnectionFailure {
        ConnectionFailure(.http2Failure, 503, "http2 handshake failed: \(reason)", isPassing: true)
    }

    /// The peer reset the stream of the CONNECT instead of answering it.
    package static func streamReset(_ reason: String) -> ConnectionFailure {
        ConnectionFailure(.http2Failure, 503, "http2 handshake failed: \(reason)", isRetryable: true)
    }

    /// The peer of a tunnel that stands did not answer the CONNECT in time. Another endpoint may.
    package static func noAnswer(within limit: Duration) -> ConnectionFailure {
        ConnectionFailure(
            .http2Failure, 503,
            "the peer did not answer the CONNECT within \(DurationText.text(limit)) (AMBIT_CONNECT_ANSWER_TIMEOUT)",
            isRetryable: true)
    }

    /// The workload's own certificate is not to be had; there is no plaintext fallback (Z 5.4).
    package static func identity(_ reason: String) -> ConnectionFailure {
        ConnectionFailure(.identityError, 503, "identity error: \(reason)")
    }

    /// The peer's ztunnel or waypoint answered the CONNECT with an error.
    package static func httpStatus(_ status: Int) -> ConnectionFailure {
        ConnectionFailure(.connect, 503, "http status: \(status)", isRetryable: status == 503)
    }

    /// A bound of `DataPlaneLimits` is reached.
    package static func limit(_ limit: DataPlaneLimit) -> ConnectionFailure {
        ConnectionFailure(.connect, 503, "limit \(limit.rawValue) is reached on this node; raise it or send less")
    }

    /// The copy of bytes failed locally.
    package static func relay(_ reason: String) -> ConnectionFailure { ConnectionFailure(.none, 503, reason) }
}
