import MeshModel
import MeshPolicy
import Testing

@Suite("Retries (I 2.8)")
struct RetryTests {
    static func policy(_ retries: String) throws -> RetryPolicy {
        try DecisionTests.entry(#""retries":\#(retries),\#(DecisionTests.there)"#).route.retries
    }

    static func status(_ status: Int, grpc: Int? = nil) -> TryOutcome { .response(status: status, grpcStatus: grpc) }

    @Test("the default: two more tries, of connection failures and the like; a 503 of the application is not one")
    func standard() throws {
        let policy = try DecisionTests.entry(DecisionTests.there).route.retries
        #expect(policy == .standard && policy.attempts == 2 && policy.avoidsTriedEndpoints)
        #expect(policy.retries(after: .connectFailure, tries: 1))
        #expect(policy.retries(after: .connectFailure, tries: 2))
        #expect(!policy.retries(after: .connectFailure, tries: 3))
        #expect(policy.isRetriable(.refused))
        #expect(policy.isRetriable(Self.status(200, grpc: 14)))
        #expect(policy.isRetriable(Self.status(200, grpc: 1)))
        #expect(!policy.isRetriable(Self.status(200, grpc: 4)))
        #expect(!policy.isRetriable(Self.status(503)))
        #expect(!policy.isRetriable(.reset(hasBegun: true)))
        #expect(!policy.isRetriable(.timeout))
        #expect(!policy.isRetriable(.overflow))
    }

    @Test(
        "each condition and what it is about",
        arguments: [
            ("5xx", [500, 502, 599], [499, 200, 409], true, true),
            ("gateway-error", [502, 503, 504], [500, 505], true, true),
            ("retriable-4xx", [409], [408, 503], false, false), ("reset", [], [500, 503], true, true),
            ("connect-failure", [], [503], true, false), ("refused-stream", [], [503], false, false),
            ("503,429", [503, 429], [500, 502], false, false),
            ("retriable-status-codes,500", [500], [503], false, false),
            ("reset-before-request", [], [503], true, false), ("unavailable", [], [503], false, false),
            ("5xx,retriable-4xx", [500, 409], [404], true, true),
            ("http3-post-connect-failure", [], [503], false, false),
        ])
    func conditions(words: String, yes: [Int], no: [Int], connects: Bool, resets: Bool) throws {
        let policy = try Self.policy(#"{"attempts":3,"retryOn":"\#(words)"}"#)
        for status in yes { #expect(policy.isRetriable(Self.status(status)), "\(status)") }
        for status in no { #expect(!policy.isRetriable(Self.status(status)), "\(status)") }
        #expect(policy.isRetriable(.connectFailure) == connects)
        #expect(policy.isRetriable(.reset(hasBegun: true)) == resets)
        #expect(policy.isRetriable(.reset(hasBegun: false)) == (resets || words == "reset-before-request"))
        #expect(policy.isRetriable(.timeout) == resets)
        #expect(policy.isRetriable(.refused) == (resets || words == "refused-stream"))
        #expect(!policy.isRetriable(.overflow))
    }

    @Test(
        "gRPC statuses, and answers that were rate limited",
        arguments: [
            ("cancelled", 1), ("deadline-exceeded", 4), ("resource-exhausted", 8), ("internal", 13),
            ("unavailable", 14),
        ])
    func grpc(word: String, code: Int) throws {
        let policy = try Self.policy(#"{"attempts":1,"retryOn":"\#(word)"}"#)
        for other in 0...16 { #expect(policy.isRetriable(Self.status(200, grpc: other)) == (other == code)) }
        let limited = try Self.policy(#"{"attempts":1,"retryOn":"envoy-ratelimited"}"#)
        #expect(limited.isRetriable(.response(status: 429, grpcStatus: nil, isRateLimited: true)))
        let server = try Self.policy(#"{"attempts":1,"retryOn":"5xx"}"#)
        #expect(!server.isRetriable(.response(status: 503, grpcStatus: nil, isRateLimited: true)))
    }

    @Test("attempts 0 and an empty block are none; the other fields")
    func fields() throws {
        #expect(try Self.policy(#"{"attempts":0}"#) == .none)
        #expect(try Self.policy("{}") == .none)
        let policy = try Self.policy(
            #"{"attempts":3,"perTryTimeout":"2s","retryRemoteLocalities":true,"retryIgnorePreviousHosts":false,"backoff":"100ms"}"#
        )
        #expect(policy.attempts == 3 && policy.perTryTimeout == .seconds(2) && policy.backoff == .milliseconds(100))
        #expect(policy.leavesTriedPriorities && !policy.avoidsTriedEndpoints)
        #expect(policy.conditions == RetryPolicy.standard.conditions)
    }

    @Test("the pause doubles, with jitter, to ten times the base")
    func pauses() throws {
        var random = SplitMix64(seed: 5)
        for (retry, limit) in [(0, 25), (1, 75), (2, 175), (3, 250), (40, 250)] {
            let pauses = (0..<2_000).map { _ in RetryPolicy.standard.pause(beforeRetry: retry, &random) }
            #expect(pauses.allSatisfy { $0 >= .zero && $0 < .milliseconds(limit) })
            #expect((pauses.max() ?? .zero) > .milliseconds(limit) * 0.95)
            #expect((pauses.min() ?? .seconds(1)) < .milliseconds(limit) * 0.05)
        }
    }
}
