/// Names of the header fields that HBONE carries (Z 2.3).
package enum HeaderNames {
    /// What the peer is, for telemetry.
    package static let baggage = "baggage"
    /// Who connects, and the service that was addressed.
    package static let forwarded = "forwarded"
    /// The trace that the connection belongs to.
    package static let traceparent = "traceparent"
    /// The network that an inner tunnel comes from.
    package static let forwardedNetwork = "x-forwarded-network"
}
