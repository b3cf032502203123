package import FoundationEssentials

/// The lifetimes and the clock of the certificate authority. A plain value, read once.
package struct AuthorityConfiguration: Sendable {
    /// Life of a self-signed root that is made on the first start. Default ten years, as Istio's.
    package var rootLifetime: TimeInterval = 10 * 365 * 86_400
    /// Life of a workload certificate when the request names none. Default 24 hours.
    package var defaultWorkloadLifetime: TimeInterval = 86_400
    /// Longest life of a workload certificate; a longer request is cut to it. Default 24 hours.
    package var maximumWorkloadLifetime: TimeInterval = 86_400
    /// Life of ambitd's own server certificates; they are renewed when a third of it is left. Default 90 days.
    package var serverLifetime: TimeInterval = 90 * 86_400
    /// Life of the administrator's first client certificate, and the longest of any user's. Default one year.
    package var clientLifetime: TimeInterval = 365 * 86_400
    /// Life of a user's client certificate when the request names none. Default 90 days.
    package var defaultUserLifetime: TimeInterval = 90 * 86_400
    /// Life of node certificates that an administrator issued to a file. Default one year.
    package var nodeLifetime: TimeInterval = 365 * 86_400
    /// Life of node certificates that a node asked for: by joining, and by each renewal at half of it. Default 30 days.
    package var joinedNodeLifetime: TimeInterval = 30 * 86_400
    /// How far `notBefore` lies in the past, so that a host whose clock is behind accepts the certificate. Default 2 minutes.
    package var backdate: TimeInterval = 120
    /// The longest certificate signing request that is read, in bytes of PEM. Default 16 KiB.
    package var maximumRequestLength = 16_384
    /// Where the authority reads the time; tests pass a fixed one.
    package var now: @Sendable () -> Date = { Date() }

    /// The defaults.
    package init() {}
}
