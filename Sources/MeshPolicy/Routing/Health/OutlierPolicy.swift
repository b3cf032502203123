import MeshModel

/// When an endpoint is left out for a while, with defaults filled in (I 2.15).
package struct OutlierPolicy: Sendable, Hashable {
    /// The longest that an endpoint is left out.
    package static let longestEjection = Duration.seconds(300)

    /// 502, 503, 504 in a row; 0 for off.
    package let gatewayErrors: UInt32
    /// Errors in a row; 0 for off.
    package let serverErrors: UInt32
    /// Failures of our own in a row; 0 for off. Only where they are counted apart.
    package let localFailures: UInt32
    /// Whether failures of our own (connecting, timeouts) are counted apart from answers.
    package let separatesLocalFailures: Bool
    /// Statuses that are errors instead of 5xx; empty for 5xx.
    package let errorStatuses: Set<Int>
    /// The time between looks at who may come back.
    package let interval: Duration
    /// How long it is left out the first time; the n-th time n times as long.
    package let baseEjectionTime: Duration
    /// How many of the endpoints may be left out at once, in percent.
    package let maxEjectionPercent: Int
    /// With a smaller share of healthy endpoints all are used, in percent.
    package let minHealthPercent: Int

    init(_ spec: DestinationRuleSpec.OutlierDetection) {
        gatewayErrors = spec.consecutiveGatewayErrors ?? 0
        serverErrors = spec.consecutive5xxErrors ?? 5
        separatesLocalFailures = spec.splitExternalLocalOriginErrors ?? false
        localFailures = spec.consecutiveLocalOriginFailures ?? 5
        errorStatuses = Set(spec.outlierDetectionHttpErrorCodes)
        interval = spec.interval ?? .seconds(10)
        baseEjectionTime = spec.baseEjectionTime ?? .seconds(30)
        maxEjectionPercent = spec.maxEjectionPercent ?? 10
        minHealthPercent = spec.minHealthPercent ?? 0
    }

    /// How long an endpoint is left out the n-th time in a row.
    func ejectionTime(_ times: UInt32) -> Duration {
        min(baseEjectionTime * Int(max(times, 1)), max(Self.longestEjection, baseEjectionTime))
    }

    /// Whether an answer of this status is an error.
    func isError(_ status: Int) -> Bool {
        errorStatuses.isEmpty ? (500...599).contains(status) : errorStatuses.contains(status)
    }
}
