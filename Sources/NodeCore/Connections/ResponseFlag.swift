/// The closed set of values of the label `response_flags` (Z 8.1).
package enum ResponseFlag: String, Sendable, CaseIterable {
    /// Nothing to remark.
    case none = "-"
    /// A policy denied the connection.
    case deny = "DENY"
    /// The destination could not be connected to.
    case connect = "CONNECT"
    /// The TLS handshake failed.
    case tlsFailure = "TLS_FAILURE"
    /// HTTP/2 failed before the connection was established.
    case http2Failure = "H2_HANDSHAKE_FAILURE"
    /// The peer's HBONE port did not answer at all.
    case networkPolicy = "NETWORK_POLICY"
    /// The workload has no certificate.
    case identityError = "IDENTITY_ERROR"
    /// A certificate of the connection was revoked.
    case certificateRevoked = "CERT_REVOKED"
}
