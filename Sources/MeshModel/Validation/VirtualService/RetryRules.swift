/// The rules of retries (I 2.8).
enum RetryRules {
    private static let conditions: Set<String> = [
        "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "envoy-ratelimited",
        "retriable-4xx",
        "refused-stream", "retriable-status-codes", "retriable-headers", "http3-post-connect-failure", "cancelled",
        "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
    ]

    static func check(_ retries: VirtualServiceSpec.Retries?, at path: FieldPath, _ findings: Findings) {
        guard let retries else { return }
        if retries.attempts == 0 {
            for (key, isWritten) in [
                ("perTryTimeout", retries.perTryTimeout != nil), ("retryOn", retries.retryOn != nil),
                ("retryRemoteLocalities", retries.retryRemoteLocalities != nil),
            ] where isWritten {
                findings.add(
                    path.appending(key: key), "is written, but attempts is 0", "give attempts, or remove it", .forbidden
                )
            }
        }
        for condition in retries.retryOn ?? [] where !isKnown(condition) {
            let guess = Spelling.nearest(to: condition, among: conditions.sorted()).map { "did you mean \($0)? " } ?? ""
            findings.add(
                path.appending(key: "retryOn"), condition, "is neither a condition nor a status of HTTP",
                guess + "write conditions such as 5xx,connect-failure,503 with commas and no blanks", .notSupported)
        }
    }

    private static func isKnown(_ condition: String) -> Bool {
        conditions.contains(condition) || Int(condition).map(isRegistered) == true
    }

    /// Whether a status is in the registry of HTTP's (RFC 9110 section 15 and its extensions).
    private static func isRegistered(_ status: Int) -> Bool {
        switch status {
        case 100...103, 200...208, 226, 300...305, 307, 308, 400...418, 421...426, 428, 429, 431, 451, 500...508, 510,
            511:
            true
        default: false
        }
    }
}
