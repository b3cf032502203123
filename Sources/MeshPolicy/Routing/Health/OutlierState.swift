/// One endpoint as outlier detection sees it: pure; the time is a parameter.
package struct OutlierState: Sendable, Hashable {
    private var serverErrors: UInt32 = 0
    private var gatewayErrors: UInt32 = 0
    private var localFailures: UInt32 = 0
    /// How often it was left out; looks while it is in make it less.
    package private(set) var ejections: UInt32 = 0
    /// Since when it is left out; nil while it is in.
    package private(set) var ejectedSince: Duration?

    /// An endpoint that nothing is known of.
    package init() {}

    /// Whether it is left out.
    package var isEjected: Bool { ejectedSince != nil }

    /// Counts how a try ended; true where there have been enough errors to leave it out.
    mutating func count(_ outcome: TryOutcome, _ policy: OutlierPolicy) -> Bool {
        switch outcome {
        case .response(let status, _, _):
            if policy.separatesLocalFailures { localFailures = 0 }
            return count(status: status, policy)
        case .connectFailure, .refused, .reset, .timeout:
            if policy.separatesLocalFailures {
                localFailures += 1
                return Self.reached(&localFailures, policy.localFailures)
            }
            // Not apart, they count as the answers that they become: 503, and 504 for a timeout.
            return count(gatewayError: true, isError: true, policy)
        case .overflow:
            return false
        }
    }

    private mutating func count(status: Int, _ policy: OutlierPolicy) -> Bool {
        count(gatewayError: (502...504).contains(status), isError: policy.isError(status), policy)
    }

    private mutating func count(gatewayError: Bool, isError: Bool, _ policy: OutlierPolicy) -> Bool {
        gatewayErrors = gatewayError ? gatewayErrors + 1 : 0
        serverErrors = isError ? serverErrors + 1 : 0
        let byGateway = Self.reached(&gatewayErrors, policy.gatewayErrors)
        return Self.reached(&serverErrors, policy.serverErrors) || byGateway
    }

    /// Whether a count is as high as it may get; it then begins anew.
    private static func reached(_ count: inout UInt32, _ limit: UInt32) -> Bool {
        guard limit > 0, count >= limit else { return false }
        count = 0
        return true
    }

    /// Leaves it out.
    mutating func eject(at now: Duration) {
        guard ejectedSince == nil else { return }
        ejections += 1
        ejectedSince = now
    }

    /// A regular look; true where it comes back by it.
    mutating func look(at now: Duration, _ policy: OutlierPolicy) -> Bool {
        guard let since = ejectedSince else {
            if ejections > 0 { ejections -= 1 }
            return false
        }
        guard now - since >= policy.ejectionTime(ejections) else { return false }
        restore()
        return true
    }

    /// Takes it back in, with its counts at zero.
    mutating func restore() {
        ejectedSince = nil
        serverErrors = 0
        gatewayErrors = 0
        localFailures = 0
    }
}
