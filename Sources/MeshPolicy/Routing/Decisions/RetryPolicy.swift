package import MeshModel

/// When and how a request is tried again (I 2.8).
package struct RetryPolicy: Sendable, Hashable {
    /// The kinds of failures that are tried again, by Envoy's names.
    package struct Conditions: OptionSet, Sendable, Hashable {
        package let rawValue: UInt32

        /// The set of these bits.
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let serverError = Conditions(rawValue: 1 << 0)
        package static let gatewayError = Conditions(rawValue: 1 << 1)
        package static let reset = Conditions(rawValue: 1 << 2)
        package static let resetBeforeRequest = Conditions(rawValue: 1 << 3)
        package static let connectFailure = Conditions(rawValue: 1 << 4)
        package static let rateLimited = Conditions(rawValue: 1 << 5)
        package static let retriableClientError = Conditions(rawValue: 1 << 6)
        package static let refusedStream = Conditions(rawValue: 1 << 7)
        /// Answers whose status is in `statuses`.
        package static let statusCodes = Conditions(rawValue: 1 << 8)
        package static let cancelled = Conditions(rawValue: 1 << 9)
        package static let deadlineExceeded = Conditions(rawValue: 1 << 10)
        package static let internalError = Conditions(rawValue: 1 << 11)
        package static let resourceExhausted = Conditions(rawValue: 1 << 12)
        package static let unavailable = Conditions(rawValue: 1 << 13)

        private static let words: [String: Conditions] = [
            "5xx": .serverError, "gateway-error": .gatewayError, "reset": .reset,
            "reset-before-request": .resetBeforeRequest, "connect-failure": .connectFailure,
            "envoy-ratelimited": .rateLimited, "retriable-4xx": .retriableClientError,
            "refused-stream": .refusedStream, "retriable-status-codes": .statusCodes, "cancelled": .cancelled,
            "deadline-exceeded": .deadlineExceeded, "internal": .internalError,
            "resource-exhausted": .resourceExhausted, "unavailable": .unavailable,
        ]

        /// The condition of that word; nil for a word that is a status or has no effect here.
        package static func named(_ word: String) -> Conditions? { words[word] }
    }

    /// How often without any configuration.
    package static let defaultAttempts = 2
    /// The base of the pause between tries.
    package static let defaultBackoff = Duration.milliseconds(25)
    /// How often another endpoint is drawn where one was tried already.
    package static let hostSelectionAttempts = 5
    /// What a route without `retries` has.
    package static let standard = RetryPolicy(
        attempts: defaultAttempts,
        conditions: [.connectFailure, .refusedStream, .unavailable, .cancelled, .statusCodes])
    /// What `attempts: 0` gives.
    package static let none = RetryPolicy(attempts: 0, conditions: [])

    /// Tries beyond the first.
    package var attempts: Int
    package var conditions: Conditions
    /// Statuses that `statusCodes` means.
    package var statuses: Set<Int> = []
    /// How long one try may take; nil for the time of the whole request.
    package var perTryTimeout: Duration?
    /// The base of the pause.
    package var backoff = defaultBackoff
    /// Whether endpoints that were tried are drawn again before others.
    package var avoidsTriedEndpoints = true
    /// Whether priorities that were tried are left after every second try.
    package var leavesTriedPriorities = false

    init(attempts: Int, conditions: Conditions) {
        self.attempts = attempts
        self.conditions = conditions
    }

    /// The policy of a route; without one, the default.
    package init(_ retries: VirtualServiceSpec.Retries?) {
        self = .standard
        guard let retries else { return }
        guard retries.attempts > 0 else {
            self = .none
            return
        }
        attempts = retries.attempts
        perTryTimeout = retries.perTryTimeout.flatMap { $0 > .zero ? $0 : nil }
        if let backoff = retries.backoff, backoff > .zero { self.backoff = backoff }
        avoidsTriedEndpoints = retries.retryIgnorePreviousHosts ?? true
        leavesTriedPriorities = retries.retryRemoteLocalities ?? false
        guard let words = retries.retryOn else { return }
        conditions = []
        for word in words {
            if let condition = Conditions.named(word) {
                conditions.insert(condition)
            } else if let status = Int(word), (100...599).contains(status) {
                statuses.insert(status)
                conditions.insert(.statusCodes)
            }
        }
    }

    /// Whether a try that ended so is followed by another, as far as the policy says; budgets have their say besides.
    /// `tries` counts those made, the first included.
    package func retries(after outcome: TryOutcome, tries: Int) -> Bool {
        tries <= attempts && isRetriable(outcome)
    }

    /// Whether an outcome is one of those that are tried again.
    package func isRetriable(_ outcome: TryOutcome) -> Bool {
        switch outcome {
        case .response(let status, let grpcStatus, let isRateLimited):
            return isRetriable(status: status, isRateLimited: isRateLimited)
                || grpcStatus.map(isRetriable(grpcStatus:)) == true
        case .connectFailure:
            return has([.serverError, .gatewayError, .reset, .connectFailure, .resetBeforeRequest])
        case .refused: return has([.serverError, .gatewayError, .reset, .refusedStream])
        case .reset(let hasBegun):
            return has([.serverError, .gatewayError, .reset]) || (!hasBegun && has(.resetBeforeRequest))
        case .timeout: return has([.serverError, .gatewayError, .reset])
        case .overflow: return false
        }
    }

    /// How long to wait before the try after `retry` earlier retries (0 for the first): a random part of a pause that
    /// doubles, of ten times the base at most.
    package func pause(beforeRetry retry: Int, _ random: inout some RandomNumberGenerator) -> Duration {
        let base = backoff.nanoseconds
        let factor = min((UInt64(1) << UInt64(min(retry + 1, 32))) - 1, 10)
        let limit = max(base.multipliedReportingOverflow(by: factor).partialValue, 1)
        return .nanoseconds(Int64(truncatingIfNeeded: UInt64.random(in: 0..<limit, using: &random)))
    }

    private func has(_ wanted: Conditions) -> Bool { !conditions.isDisjoint(with: wanted) }

    private func isRetriable(status: Int, isRateLimited: Bool) -> Bool {
        if isRateLimited, !has(.rateLimited) { return false }
        if isRateLimited { return true }
        if has(.serverError), (500...599).contains(status) { return true }
        if has(.gatewayError), (502...504).contains(status) { return true }
        if has(.retriableClientError), status == 409 { return true }
        return has(.statusCodes) && statuses.contains(status)
    }

    private func isRetriable(grpcStatus: Int) -> Bool {
        switch grpcStatus {
        case 1: has(.cancelled)
        case 4: has(.deadlineExceeded)
        case 8: has(.resourceExhausted)
        case 13: has(.internalError)
        case 14: has(.unavailable)
        default: false
        }
    }
}

extension Duration {
    /// Whole nanoseconds, from 0 to what 64 bits hold.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product &+ UInt64(attoseconds) / 1_000_000_000
    }
}
