package import FoundationEssentials

/// The bounds of joining: of the tokens that are kept, and of what a stranger may make the server do.
package struct JoinLimits: Sendable {
    /// Life of a token where none is given. Default one hour.
    package var defaultLifetime: TimeInterval = 3_600
    /// The longest life of a token. Default 7 days.
    package var longestLifetime: TimeInterval = 7 * 86_400
    /// Tokens that are kept. Default 10,000.
    package var tokens = 10_000
    /// How long a token is shown after it expired. Default one day.
    package var remembered: TimeInterval = 86_400
    /// Bytes of a request. Default 16 KiB.
    package var requestBytes = 16 << 10
    /// From the first byte to the last of a request. Default 10 s.
    package var requestTime: Duration = .seconds(10)
    /// Connections at the same time; further ones wait in the kernel's queue. Default 64.
    package var connections = 64
    /// Requests in a minute, over all addresses. Default 600.
    package var requestsPerMinute = 600
    /// Refused joins of one address in a minute. Default 10.
    package var refusalsPerMinute = 10
    /// Addresses whose refusals are counted. Default 4,096; beyond it all unknown addresses share one count.
    package var addresses = 4_096

    /// The defaults.
    package init() {}
}
