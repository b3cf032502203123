import MeshModel
import MeshPolicy
import Testing

@Suite("Outlier detection and limits (I 2.15)")
struct OutlierTests {
    static func upstream(_ outlier: String, count: Int = 2) throws -> Upstream {
        try UpstreamTests.upstream(#"{"outlierDetection":{\#(outlier)}}"#, UpstreamTests.endpoints(count))
    }

    static func status(_ status: Int) -> TryOutcome { .response(status: status, grpcStatus: nil) }

    /// How many outcomes of one kind it takes until the endpoint is left out; nil where 20 do not.
    static func tries(_ outlier: String, _ outcome: TryOutcome) throws -> Int? {
        var upstream = try upstream(outlier + #","maxEjectionPercent":100"#)
        let id = upstream.members[0].endpoint.id
        return (1...20).first { _ in upstream.count(outcome, at: id, now: .zero) }
    }

    @Test(
        "which outcomes count, and how many in a row",
        arguments: [
            (#""interval":"1s""#, status(500), 5), (#""interval":"1s""#, status(499), nil),
            (#""interval":"1s""#, .connectFailure, 5), (#""interval":"1s""#, .timeout, 5),
            (#""interval":"1s""#, .overflow, nil),
            (#""consecutive5xxErrors":2"#, status(503), 2), (#""consecutive5xxErrors":0"#, status(503), nil),
            (#""consecutive5xxErrors":0,"consecutiveGatewayErrors":3"#, status(503), 3),
            (#""consecutive5xxErrors":0,"consecutiveGatewayErrors":3"#, status(500), nil),
            (#""consecutive5xxErrors":0,"consecutiveGatewayErrors":3"#, .connectFailure, 3),
            (#""consecutive5xxErrors":7,"consecutiveGatewayErrors":3"#, status(502), 3),
            (#""consecutive5xxErrors":2,"splitExternalLocalOriginErrors":true"#, .connectFailure, 5),
            (#""splitExternalLocalOriginErrors":true,"consecutiveLocalOriginFailures":3"#, .timeout, 3),
            (#""splitExternalLocalOriginErrors":true,"consecutiveLocalOriginFailures":0"#, .timeout, nil),
            (#""consecutive5xxErrors":2,"outlierDetectionHttpErrorCodes":[429]"#, status(429), 2),
            (#""consecutive5xxErrors":2,"outlierDetectionHttpErrorCodes":[429]"#, status(500), nil),
        ] as [(String, TryOutcome, Int?)])
    func thresholds(outlier: String, outcome: TryOutcome, count: Int?) throws {
        #expect(try Self.tries(outlier, outcome) == count)
    }

    @Test("only errors in a row count")
    func consecutive() throws {
        var upstream = try Self.upstream(#""consecutive5xxErrors":2,"maxEjectionPercent":100"#)
        let id = upstream.members[0].endpoint.id
        for status in [500, 200, 500, 404, 500] {
            #expect(upstream.count(Self.status(status), at: id, now: .zero) == false)
        }
        #expect(upstream.count(Self.status(500), at: id, now: .zero) == true)
        #expect(upstream.count(Self.status(500), at: id, now: .zero) == false, "it is out already")
    }

    @Test("out for the base time, for twice that the next time, at most 300 s; looks bring it back")
    func times() throws {
        var upstream = try Self.upstream(
            #""consecutive5xxErrors":1,"baseEjectionTime":"100s","interval":"10s","maxEjectionPercent":100"#)
        let id = upstream.members[0].endpoint.id
        #expect(upstream.nextLookTime == .seconds(10))
        var now = Duration.zero
        for seconds in [100, 200, 300, 300] as [Int64] {
            #expect(upstream.count(Self.status(500), at: id, now: now) == true)
            #expect(UpstreamTests.counts(&upstream, 50) == ["w01": 50])
            upstream.look(now: now + .seconds(seconds) - .milliseconds(1))
            #expect(upstream.members[0].outlier.isEjected)
            now += .seconds(seconds)
            upstream.look(now: now)
            #expect(!upstream.members[0].outlier.isEjected)
            #expect(UpstreamTests.counts(&upstream, 50).count == 2)
            #expect(upstream.nextLookTime == now + .seconds(10))
        }
        // A look while it is in makes the next time shorter.
        for _ in 0..<4 { upstream.look(now: now) }
        #expect(upstream.members[0].outlier.ejections == 0)
    }

    @Test(
        "no more than maxEjectionPercent: by default none of fewer than ten endpoints",
        arguments: [(9, 0), (10, 1), (20, 2)])
    func maximum(count: Int, ejected: Int) throws {
        var upstream = try Self.upstream(#""consecutive5xxErrors":1"#, count: count)
        for member in upstream.members { _ = upstream.count(Self.status(500), at: member.endpoint.id, now: .zero) }
        #expect(upstream.members.count { $0.outlier.isEjected } == ejected)
    }

    @Test("all left out is nobody; below minHealthPercent all are used")
    func panic() throws {
        for (percent, expected) in [(0, ["none": 10]), (1, nil)] as [(Int, [String: Int]?)] {
            var upstream = try Self.upstream(
                #""consecutive5xxErrors":1,"maxEjectionPercent":100,"minHealthPercent":\#(percent)"#)
            for member in upstream.members {
                #expect(upstream.count(.timeout, at: member.endpoint.id, now: .zero) == true)
            }
            let counts = UpstreamTests.counts(&upstream, 10)
            #expect(expected.map { $0 == counts } ?? (counts["none"] == nil))
        }
    }

    @Test("without outlier detection nothing is left out")
    func off() throws {
        var upstream = try UpstreamTests.upstream("{}", UpstreamTests.endpoints(2))
        for _ in 0..<50 {
            #expect(upstream.count(.connectFailure, at: upstream.members[0].endpoint.id, now: .zero) == false)
        }
        #expect(upstream.nextLookTime == nil)
    }

    @Test(
        "limits: the one too many is refused and counted; what ends makes room",
        arguments: CircuitBreaker.Resource.allCases)
    func limits(resource: CircuitBreaker.Resource) throws {
        let cluster = try UpstreamTests.cluster(
            #"{"connectionPool":{"tcp":{"maxConnections":2},"http":{"http1MaxPendingRequests":2,"http2MaxRequests":2,"maxRetries":2}}}"#,
            [])
        var breaker = CircuitBreaker()
        #expect(breaker.admit(resource, cluster.policy.limits) == true)
        #expect(breaker.admit(resource, cluster.policy.limits) == true)
        #expect(breaker.admit(resource, cluster.policy.limits) == false)
        #expect(breaker.overflows.reduce(0, +) == 1)
        breaker.release(resource)
        #expect(breaker.count(resource) == 1)
        #expect(breaker.admit(resource, cluster.policy.limits) == true)
        for _ in 0..<5 { breaker.release(resource) }
        #expect(breaker.count(resource) == 0, "more ends than beginnings do not make more room")
    }

    @Test("retry budget: a share of what is under way, and a minimum; maxRetries without one")
    func retryBudget() throws {
        var upstream = try UpstreamTests.upstream(
            #"{"retryBudget":{"percent":20,"minRetryConcurrency":1},"connectionPool":{"http":{"maxRetries":100}}}"#,
            UpstreamTests.endpoints(1))
        let admitted1 = upstream.admitRetry(now: .zero)
        #expect(admitted1)
        let admitted2 = upstream.admitRetry(now: .zero)
        #expect(!admitted2)
        for _ in 0..<10 {
            let admitted = upstream.breaker.admit(.request, upstream.cluster.policy.limits)
            #expect(admitted)
        }
        let admitted3 = upstream.admitRetry(now: .zero)
        #expect(admitted3)
        let admitted4 = upstream.admitRetry(now: .zero)
        #expect(!admitted4)
        upstream.breaker.release(.retry)
        let admitted5 = upstream.admitRetry(now: .zero)
        #expect(admitted5)
        var plain = try UpstreamTests.upstream(
            #"{"connectionPool":{"http":{"maxRetries":1}}}"#, UpstreamTests.endpoints(1))
        let admitted6 = plain.admitRetry(now: .zero)
        #expect(admitted6)
        let admitted7 = plain.admitRetry(now: .zero)
        #expect(!admitted7)
    }

    @Test("retry budget: requests of the interval count, and are forgotten after it")
    func retryInterval() throws {
        var upstream = try UpstreamTests.upstream(
            #"{"retryBudget":{"percent":50,"minRetryConcurrency":0,"budgetInterval":"10s"}}"#,
            UpstreamTests.endpoints(1))
        let admitted8 = upstream.admitRetry(now: .seconds(100))
        #expect(!admitted8)
        for _ in 0..<4 {
            let use = upstream.began(0, now: .seconds(100))
            let id = upstream.members[0].endpoint.id
            upstream.ended(use, at: id)
        }
        let admitted9 = upstream.admitRetry(now: .seconds(105))
        #expect(admitted9)
        let admitted10 = upstream.admitRetry(now: .seconds(105))
        #expect(admitted10)
        let admitted11 = upstream.admitRetry(now: .seconds(105))
        #expect(!admitted11)
        upstream.breaker.release(.retry)
        let admitted12 = upstream.admitRetry(now: .seconds(111))
        #expect(!admitted12)
    }
}
