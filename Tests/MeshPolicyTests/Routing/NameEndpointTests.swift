import MeshModel
import MeshPolicy
import Testing

@Suite("Endpoints of a name (Envoy's STRICT_DNS)")
struct NameEndpointTests {
    static let four = (1...4).map { IPAddress(ipv4: 192, 0, 2, $0) }
    static let six = (1...4).map { IPAddress(high: 0x2001_0db8 << 32, low: $0, isIPv4: false) }

    static func workload(_ uid: String, _ name: String, weight: UInt32 = 1) -> Workload {
        Workload(
            uid: uid, name: uid, namespace: "shop", hostname: name,
            services: [Mesh.name("reviews"): [ServicePort(port: 9080, targetPort: 9080)]], capacity: weight)
    }

    static func cluster(_ workloads: [Workload], _ policy: String = "{}") throws -> Cluster {
        try UpstreamTests.cluster(policy, workloads)
    }

    static func places(_ addresses: [IPAddress]) throws -> [[IPAddress]] {
        let cluster = try cluster([workload("a", "a.example")]).resolved { _ in addresses }
        return cluster.endpoints.map(\.addresses)
    }

    @Test("each address is an endpoint; a name without one, and an endpoint with its own, stay as they are")
    func addresses() throws {
        let plain = try Self.cluster([
            Self.workload("a", "a.example"), Self.workload("b", "b.example"), Mesh.workload("c", of: "reviews"),
            Self.workload("d", "a.example"),
        ])
        #expect(plain.names == ["a.example", "b.example"])
        let resolved = plain.resolved { $0 == "a.example" ? Array(Self.four[0...1]) : [] }
        #expect(
            resolved.endpoints.map(\.id.description) == [
                "a@192.0.2.1:9080", "a@192.0.2.2:9080", "b:9080", "c:9080", "d@192.0.2.1:9080", "d@192.0.2.2:9080",
            ])
        #expect(!resolved.isSame(as: plain) && plain.isSame(as: plain.resolved { _ in [] }))
    }

    @Test("the order of an answer's records is no difference")
    func order() throws {
        let plain = try Self.cluster([Self.workload("a", "a.example")])
        #expect(plain.resolved { _ in Self.four }.isSame(as: plain.resolved { _ in Self.four.reversed() }))
        #expect(!plain.resolved { _ in Self.four }.isSame(as: plain.resolved { _ in Self.four.dropLast() }))
    }

    @Test("with both families an endpoint has one of each: the first record's family is tried first")
    func families() throws {
        let (four, six) = (Self.four, Self.six)
        #expect(try Self.places([six[0], four[0]]) == [[six[0], four[0]]])
        #expect(try Self.places([four[0], six[0], four[1], six[1]]) == [[four[0], six[0]], [four[1], six[1]]])
        // Where one family has fewer, each endpoint still has one of the other to try, and no address is left out.
        #expect(try Self.places([six[0], six[1], four[0]]) == [[six[0], four[0]], [six[1], four[0]]])
        #expect(try Self.places([six[0], four[0], four[1]]) == [[six[0], four[0]], [four[1]]])
    }

    @Test("requests are shared among the addresses, each with its workload's weight")
    func shares() throws {
        let policy = #"{"loadBalancer":{"simple":"RANDOM"}}"#
        let cluster = try Self.cluster(
            [Self.workload("a", "a.example", weight: 2), Self.workload("b", "b.example")], policy
        )
        .resolved { $0 == "a.example" ? Array(Self.four[0...1]) : [Self.four[2]] }
        var upstream = Upstream(cluster, now: .zero)
        var random = SplitMix64(seed: 4)
        var counts: [String: Int] = [:]
        for _ in 0..<20_000 {
            guard case .endpoint(let place) = upstream.choose(EndpointRequest(), now: .zero, &random) else { continue }
            counts[upstream.members[place].endpoint.id.description, default: 0] += 1
        }
        UpstreamTests.expect(
            counts, ["a@192.0.2.1:9080": 0.4, "a@192.0.2.2:9080": 0.4, "b@192.0.2.3:9080": 0.2], 20_000)
    }

    @Test("one address is left out, the others are not; it stays out when another address comes")
    func ejection() throws {
        let policy =
            #"{"outlierDetection":{"consecutive5xxErrors":1,"maxEjectionPercent":100,"baseEjectionTime":"100s"}}"#
        let plain = try Self.cluster([Self.workload("a", "a.example")], policy)
        var upstream = Upstream(plain.resolved { _ in Array(Self.four[0...1]) }, now: .zero)
        var random = SplitMix64(seed: 4)
        let bad = upstream.members[0].endpoint.id
        let isOut = upstream.count(OutlierTests.status(500), at: bad, now: .zero)
        #expect(isOut)
        upstream.replace(plain.resolved { _ in Array(Self.four[0...2]) }, now: .zero)
        var seen: Set<ClusterEndpoint.ID> = []
        for _ in 0..<200 {
            guard case .endpoint(let place) = upstream.choose(EndpointRequest(), now: .zero, &random) else { continue }
            seen.insert(upstream.members[place].endpoint.id)
        }
        #expect(Set(seen.map(\.description)) == ["a@192.0.2.2:9080", "a@192.0.2.3:9080"])
    }

    @Test("a consistent hash keeps most requests where they were when an address leaves")
    func hashes() throws {
        let policy = #"{"loadBalancer":{"consistentHash":{"httpHeaderName":"user"}}}"#
        let plain = try Self.cluster([Self.workload("a", "a.example")], policy)
        var random = SplitMix64(seed: 4)
        func places(_ addresses: [IPAddress]) -> [String] {
            var upstream = Upstream(plain.resolved { _ in addresses }, now: .zero)
            return (0..<1_000).map { number in
                var request = EndpointRequest()
                request.hash = UInt64(number) &* 0x9e37_79b9_7f4a_7c15
                guard case .endpoint(let place) = upstream.choose(request, now: .zero, &random) else { return "none" }
                return upstream.members[place].endpoint.id.description
            }
        }
        // The ring has as many points for each of six as for each of seven.
        let seven = (1...7).map { IPAddress(ipv4: 192, 0, 2, $0) }
        let (before, after) = (places(seven), places(Array(seven.dropLast())))
        #expect(Set(before).count == 7)
        let moved = zip(before, after).count { $0 != $1 && !$0.contains("192.0.2.7") }
        #expect(moved == 0)
    }
}
