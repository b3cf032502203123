import MeshModel
import Testing

@Suite("DestinationRule's spec")
struct DestinationRuleSpecTests {
    private func policy(_ text: String) throws -> DestinationRuleSpec.TrafficPolicy {
        let spec = try JSONValue(parsing: #"{"host":"a","trafficPolicy":\#(text)}"#.utf8)
        return try #require(try DestinationRuleSpec(.object(["spec": spec])).trafficPolicy)
    }

    @Test(
        "the load balancer's algorithm",
        arguments: [
            (#"{"simple":"LEAST_CONN"}"#, .simple(.leastRequest)), (#"{"simple":"RANDOM"}"#, .simple(.random)),
            ("{}", nil),
        ] as [(String, DestinationRuleSpec.LoadBalancer.Algorithm?)])
    func algorithms(_ text: String, _ expected: DestinationRuleSpec.LoadBalancer.Algorithm?) throws {
        #expect(try policy(#"{"loadBalancer":\#(text)}"#).loadBalancer?.algorithm == expected)
    }

    @Test(
        "the consistent hash's algorithm and the size in every spelling",
        arguments: [
            (#"{"useSourceIp":true}"#, .ringHash(minimumSize: 1024)),
            (#"{"useSourceIp":true,"minimumRingSize":7}"#, .ringHash(minimumSize: 7)),
            (#"{"use_source_ip":true,"ringHash":{"minimumRingSize":9}}"#, .ringHash(minimumSize: 9)),
            (#"{"useSourceIp":true,"maglev":{"tableSize":7}}"#, .maglev(tableSize: 7)),
        ] as [(String, DestinationRuleSpec.ConsistentHash.Algorithm)])
    func hashes(_ text: String, _ expected: DestinationRuleSpec.ConsistentHash.Algorithm) throws {
        let algorithm = try policy(#"{"loadBalancer":{"consistentHash":\#(text)}}"#).loadBalancer?.algorithm
        guard case .consistentHash(let hash)? = algorithm else {
            Issue.record("no consistent hash")
            return
        }
        #expect(hash.algorithm == expected)
        #expect(hash.key == .sourceAddress)
    }

    @Test(
        "errors in a row: the older name counts as 5xx where no newer one is written",
        arguments: [
            (#"{"consecutiveErrors":3}"#, 3, nil), (#"{"consecutiveErrors":3,"consecutive5xxErrors":4}"#, 4, nil),
            (#"{"consecutiveErrors":3,"consecutiveGatewayErrors":2}"#, nil, 2), ("{}", nil, nil),
        ] as [(String, UInt32?, UInt32?)])
    func errors(_ text: String, _ server: UInt32?, _ gateway: UInt32?) throws {
        let detection = try policy(#"{"outlierDetection":\#(text)}"#).outlierDetection
        #expect(detection?.consecutive5xxErrors == server)
        #expect(detection?.consecutiveGatewayErrors == gateway)
    }

    @Test("warm-up in both spellings")
    func warmup() throws {
        let older = try policy(#"{"loadBalancer":{"warmupDurationSecs":"10s"}}"#).loadBalancer?.warmup
        let newer = try policy(#"{"loadBalancer":{"warmup":{"duration":"10s","aggression":2}}}"#).loadBalancer?.warmup
        #expect(older?.duration == .seconds(10) && older?.aggression == 1 && older?.minimumPercent == 10)
        #expect(newer?.duration == .seconds(10) && newer?.aggression == 2)
    }
}
