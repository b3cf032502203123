import MeshModel
import MeshPolicy
import Testing

@Suite("Load balancing (I 2.16)")
struct UpstreamTests {
    struct NoRing: Error {}

    /// The upstream of reviews with these endpoints under a `trafficPolicy`.
    static func upstream(
        _ policy: String, _ workloads: [Workload], locality: String = "", balancing: LoadBalancing = LoadBalancing(),
        labels: [String: String] = [:], place: [String: String] = [:]
    ) throws -> Upstream {
        Upstream(
            try cluster(policy, workloads, locality: locality, balancing: balancing, labels: labels, place: place),
            now: .zero)
    }

    static func cluster(
        _ policy: String, _ workloads: [Workload], locality: String = "", balancing: LoadBalancing = LoadBalancing(),
        labels: [String: String] = [:], place: [String: String] = [:]
    ) throws -> Cluster {
        var sources = try Mesh.sources(
            rules: [#"{"host":"reviews","trafficPolicy":\#(policy)}"#],
            services: [Mesh.service("reviews", balancing: balancing)], workloads: workloads)
        sources.locality = locality.isEmpty ? nil : Locality(locality)
        sources.labels = labels
        sources.place = place
        return try #require(
            ClusterCatalog(sources).cluster(ClusterKey(service: Mesh.name("reviews"), port: 9080)))
    }

    @Test func clustersHaveIstiosNames() {
        let all = ClusterKey(service: Mesh.name("reviews"), port: 9080)
        let some = ClusterKey(service: Mesh.name("reviews"), port: 9080, subset: "v1")
        let host = Mesh.name("reviews").hostname
        #expect(all.description == "outbound|9080||\(host)" && some.description == "outbound|9080|v1|\(host)")
        #expect(all.waypointName() == "inbound-vip|9080|http|\(host)")
        #expect(some.waypointName() == "inbound-vip|9080|http/v1|\(host)")
        #expect(all.waypointName(carried: true) == "inbound-vip|9080|tcp|\(host)")
        #expect(some.waypointName(carried: true) == "inbound-vip|9080|tcp/v1|\(host)")
    }

    static func endpoints(_ count: Int, weights: [UInt32] = []) -> [Workload] {
        (0..<count).map {
            Mesh.workload("w\($0 < 10 ? "0" : "")\($0)", of: "reviews", weight: $0 < weights.count ? weights[$0] : 1)
        }
    }

    /// How often each endpoint is chosen in so many requests, none of which stays under way.
    static func counts(
        _ upstream: inout Upstream, _ total: Int, now: Duration = .zero, seed: UInt64 = 9,
        request: EndpointRequest = EndpointRequest()
    ) -> [String: Int] {
        var random = SplitMix64(seed: seed)
        var counts: [String: Int] = [:]
        for _ in 0..<total {
            switch upstream.choose(request, now: now, &random) {
            case .endpoint(let place): counts[upstream.members[place].endpoint.workload.name, default: 0] += 1
            case .originalDestination: counts["original", default: 0] += 1
            case .none: counts["none", default: 0] += 1
            }
        }
        return counts
    }

    /// Expects shares within 3 sigma.
    static func expect(_ counts: [String: Int], _ shares: [String: Double], _ total: Int) {
        for (name, share) in shares {
            let sigma = max((Double(total) * share * (1 - share)).squareRoot(), 1e-9)
            let count = Double(counts[name] ?? 0)
            #expect(abs(count - Double(total) * share) <= 3 * sigma, "\(name): \(count) of \(Double(total) * share)")
        }
        #expect(Set(counts.keys).isSubset(of: shares.keys))
    }

    @Test("RANDOM and LEAST_REQUEST share by weight", arguments: ["RANDOM", "LEAST_REQUEST"])
    func weights(simple: String) throws {
        var upstream = try Self.upstream(
            #"{"loadBalancer":{"simple":"\#(simple)"}}"#, Self.endpoints(3, weights: [1, 2, 5]))
        let counts = Self.counts(&upstream, 20_000)
        if simple == "RANDOM" {
            Self.expect(counts, ["w00": 0.125, "w01": 0.25, "w02": 0.625], 20_000)
        } else {
            // Of two drawn by weight the one with less load for its weight is taken: with nothing under way the heavier.
            #expect((counts["w02"] ?? 0) > (counts["w01"] ?? 0) && (counts["w01"] ?? 0) > (counts["w00"] ?? 0))
        }
        var even = try Self.upstream(#"{"loadBalancer":{"simple":"\#(simple)"}}"#, Self.endpoints(4))
        Self.expect(Self.counts(&even, 20_000), ["w00": 0.25, "w01": 0.25, "w02": 0.25, "w03": 0.25], 20_000)
    }

    @Test("LEAST_REQUEST prefers endpoints with fewer requests under way, and keeps load by weight")
    func leastRequest() throws {
        var upstream = try Self.upstream("{}", Self.endpoints(2))
        var random = SplitMix64(seed: 2)
        let busy = 0
        let uses = (0..<10).map { _ in upstream.began(busy, now: .zero) }
        // It is taken only where both draws are of it: a quarter.
        Self.expect(Self.counts(&upstream, 10_000), ["w00": 0.25, "w01": 0.75], 10_000)
        let id = upstream.members[busy].endpoint.id
        for use in uses { upstream.ended(use, at: id) }
        #expect(upstream.members[busy].active == 0)
        // Requests that stay under way settle at the weights.
        var weighted = try Self.upstream("{}", Self.endpoints(2, weights: [1, 3]))
        for _ in 0..<4_000 {
            guard case .endpoint(let place) = weighted.choose(EndpointRequest(), now: .zero, &random) else { continue }
            _ = weighted.began(place, now: .zero)
        }
        #expect(abs(weighted.members[1].active - 3_000) < 60, "\(weighted.members[1].active)")
    }

    @Test("ROUND_ROBIN: each in turn, heavier ones more often and evenly spread")
    func roundRobin() throws {
        var upstream = try Self.upstream(#"{"loadBalancer":{"simple":"ROUND_ROBIN"}}"#, Self.endpoints(3))
        #expect(Self.counts(&upstream, 300) == ["w00": 100, "w01": 100, "w02": 100])
        var weighted = try Self.upstream(
            #"{"loadBalancer":{"simple":"ROUND_ROBIN"}}"#, Self.endpoints(3, weights: [1, 2, 5]))
        let counts = Self.counts(&weighted, 800)
        #expect(abs((counts["w00"] ?? 0) - 100) <= 1 && abs((counts["w02"] ?? 0) - 500) <= 1, "\(counts)")
    }

    @Test(
        "without endpoints of its own a service leads where the client wants; with PASSTHROUGH a service's endpoints are any"
    )
    func passthrough() throws {
        var request = EndpointRequest()
        request.destination = IPAddress(ipv4: 10, 0, 0, 9)
        var service = try Self.upstream("{}", [], balancing: LoadBalancing(mode: .passthrough))
        #expect(Self.counts(&service, 3, request: request) == ["original": 3])
        #expect(Self.counts(&service, 3) == ["none": 3])
        var upstream = try Self.upstream(#"{"loadBalancer":{"simple":"PASSTHROUGH"}}"#, Self.endpoints(1))
        #expect(Self.counts(&upstream, 3) == ["w00": 3])
        // What is under way elsewhere is no member's.
        service.ended(
            service.beganElsewhere(),
            at: ClusterEndpoint.addressed(.init(ipv4: 10, 0, 0, 9), port: 1, of: Mesh.service("x")).id)
    }

    @Test(
        "consistent hashes: the same endpoint each time, even shares, and few moves when endpoints change",
        arguments: [
            "", #","ringHash":{"minimumRingSize":4096}"#, #","maglev":{"tableSize":65537}"#,
            #","maglev":{"tableSize":5003}"#,
        ])
    func consistentHash(algorithm: String) throws {
        let policy = #"{"loadBalancer":{"consistentHash":{"httpHeaderName":"x"\#(algorithm)}}}"#
        func owners(_ workloads: [Workload]) throws -> [String] {
            var upstream = try Self.upstream(policy, workloads)
            var random = SplitMix64(seed: 1)
            return (0..<20_000).map { number in
                var request = EndpointRequest()
                request.hash = ByteHash.of("user\(number)")
                guard case .endpoint(let place) = upstream.choose(request, now: .zero, &random) else { return "none" }
                return upstream.members[place].endpoint.workload.name
            }
        }
        let ten = try owners(Self.endpoints(10))
        #expect(try owners(Self.endpoints(10).reversed()) == ten, "two waypoints agree")
        let shares = Dictionary(grouping: ten) { $0 }.mapValues(\.count)
        // A ring of 1,024 points is uneven by its nature: a tenth each, within a third.
        for (name, count) in shares { #expect(abs(count - 2_000) < 700, "\(name): \(count)") }
        #expect(shares.count == 10)
        let nine = try owners(Array(Self.endpoints(10).dropLast()))
        let moved = zip(ten, nine).count { $0.0 != $0.1 && $0.0 != "w09" }
        // The ring moves nothing but what was the lost one's; Maglev a little more (its paper, section 5.3).
        #expect(moved <= (algorithm.contains("maglev") ? 1_000 : 0), "\(moved)")
        let heavy = try owners(Self.endpoints(4, weights: [1, 1, 1, 5]))
        let share = Double(heavy.count { $0 == "w03" }) / 20_000
        #expect(abs(share - 0.625) < 0.06, "\(share)")
    }

    @Test("a maglev table's size must be a prime: another is the default's")
    func maglevSizes() throws {
        #expect(MaglevTable.isUsableSize(65_537) && MaglevTable.isUsableSize(2) && MaglevTable.isUsableSize(5_000_011))
        #expect(
            !MaglevTable.isUsableSize(1) && !MaglevTable.isUsableSize(65_536) && !MaglevTable.isUsableSize(5_000_023))
        let cluster = try Self.cluster(
            #"{"loadBalancer":{"consistentHash":{"useSourceIp":true,"maglev":{"tableSize":100}}}}"#, Self.endpoints(1))
        #expect(cluster.policy.balancing == .maglev(.sourceAddress, tableSize: 65_537))
    }

    @Test("what requests are hashed by: header, cookie (made where it is missing), source address, query parameter")
    func hashKeys() throws {
        var random = SplitMix64(seed: 8)
        func key(_ text: String) throws -> HashKey {
            let cluster = try Self.cluster(#"{"loadBalancer":{"consistentHash":\#(text)}}"#, [])
            if case .ringHash(let key, minimumSize: 1024) = cluster.policy.balancing { return key }
            throw NoRing()
        }
        let header = try key(#"{"httpHeaderName":"X-User"}"#)
        #expect(header.hash(Request([("x-user", "a")]), Mesh.facts, &random) == .hash(ByteHash.of("a")))
        #expect(header.hash(Request(), Mesh.facts, &random) == .none)
        let query = try key(#"{"httpQueryParameterName":"q"}"#)
        #expect(query.hash(Request("/?x=1&q=a"), Mesh.facts, &random) == .hash(ByteHash.of("a")))
        #expect(query.hash(Request("/"), Mesh.facts, &random) == .none)
        let source = try key(#"{"useSourceIp":true}"#)
        func from(_ last: UInt8) -> RequestFacts { RequestFacts(port: 1, source: IPAddress(ipv4: 10, 0, 0, last)) }
        #expect(source.hash(Request(), from(1), &random) == source.hash(Request("/x"), from(1), &random))
        #expect(source.hash(Request(), from(1), &random) != source.hash(Request(), from(2), &random))
        #expect(source.hash(Request(), Mesh.facts, &random) == .none)
        let cookie = try key(
            #"{"httpCookie":{"name":"u","path":"/a","ttl":"60s","attributes":[{"name":"SameSite","value":"Lax"},{"name":"Secure"}]}}"#
        )
        #expect(cookie.hash(Request([("cookie", #"uu=b; u="a""#)]), Mesh.facts, &random) == .hash(ByteHash.of("a")))
        #expect(
            cookie.hash(Request([("cookie", "x=1"), ("cookie", "u=a")]), Mesh.facts, &random) == .hash(ByteHash.of("a"))
        )
        guard case .made(let hash, let text) = cookie.hash(Request(), Mesh.facts, &random) else {
            Issue.record("no cookie was made")
            return
        }
        let value = text.dropFirst(2).prefix { $0 != ";" }
        #expect(hash == ByteHash.of(String(value)))
        #expect(text == "u=\(value); Max-Age=60; Path=/a; SameSite=Lax; Secure; HttpOnly")
        let session = try key(#"{"httpCookie":{"name":"u","ttl":"0s"}}"#)
        guard case .made(_, let plain) = session.hash(Request(), Mesh.facts, &random) else {
            Issue.record("no cookie was made")
            return
        }
        #expect(!plain.contains("Max-Age"))
        #expect(try key(#"{"httpCookie":{"name":"u"}}"#).hash(Request(), Mesh.facts, &random) == .none)
    }

    @Test("retries draw endpoints that were not tried, if there are any; what is hashed stays")
    func tried() throws {
        var upstream = try Self.upstream("{}", Self.endpoints(2))
        var request = EndpointRequest()
        request.tried = [upstream.members[0].endpoint.id]
        let counts = Self.counts(&upstream, 5_000, request: request)
        // Six draws that all give the tried one are rare: a 64th.
        Self.expect(counts, ["w00": 1.0 / 64, "w01": 63.0 / 64], 5_000)
        request.tried = upstream.members.map(\.endpoint.id)
        #expect(Self.counts(&upstream, 10, request: request)["none"] == nil)
        var hashed = try Self.upstream(
            #"{"loadBalancer":{"consistentHash":{"useSourceIp":true}}}"#, Self.endpoints(2))
        request.hash = 5
        #expect(Self.counts(&hashed, 10, request: request).count == 1)
    }

    @Test(
        "warm-up: a new endpoint's share grows from the minimum to all of it",
        arguments: ["ROUND_ROBIN", "LEAST_REQUEST"])
    func warmup(simple: String) throws {
        let policy = #"{"loadBalancer":{"simple":"\#(simple)","warmup":{"duration":"100s","minimumPercent":10}}}"#
        var upstream = try Self.upstream(policy, Self.endpoints(1))
        #expect(Self.counts(&upstream, 10) == ["w00": 10])
        upstream.replace(try Self.cluster(policy, Self.endpoints(2)), now: .seconds(1_000))
        func share(_ age: Int64) -> Double {
            Double(Self.counts(&upstream, 20_000, now: .seconds(1_000 + age))["w01"] ?? 0) / 20_000
        }
        // Its weight is a tenth, a half, all of the other's.
        #expect(abs(share(1) - 0.1 / 1.1) < 0.02)
        #expect(abs(share(50) - 0.5 / 1.5) < 0.02)
        #expect(abs(share(100) - 0.5) < 0.02)
        upstream.replace(try Self.cluster(policy, Self.endpoints(2)), now: .seconds(1_050))
        #expect(abs(share(100) - 0.5) < 0.02, "a change of configuration does not begin anew")
    }

    @Test("requests under way and ejections outlive a change; endpoints that went are forgotten")
    func replacing() throws {
        let policy = #"{"outlierDetection":{"consecutive5xxErrors":1,"maxEjectionPercent":100}}"#
        var upstream = try Self.upstream(policy, Self.endpoints(3))
        let first = upstream.members[0].endpoint.id
        let use = upstream.began(0, now: .zero)
        #expect(upstream.count(.connectFailure, at: upstream.members[1].endpoint.id, now: .zero) == true)
        upstream.replace(try Self.cluster(policy, Array(Self.endpoints(4).dropFirst(0))), now: .zero)
        #expect(upstream.members[0].active == 1 && upstream.members[1].outlier.isEjected)
        upstream.replace(try Self.cluster(policy, Array(Self.endpoints(3).dropFirst())), now: .zero)
        upstream.ended(use, at: first)
        // One that has another place now is found by its name.
        let second = upstream.members[1].endpoint.id
        let moved = upstream.began(1, now: .zero)
        upstream.replace(try Self.cluster(policy, Array(Self.endpoints(3).dropFirst(2))), now: .zero)
        #expect(upstream.members.map(\.active) == [1])
        upstream.ended(moved, at: second)
        #expect(upstream.members.map(\.active) == [0])
        upstream.replace(try Self.cluster(policy, Array(Self.endpoints(3).dropFirst())), now: .zero)
        #expect(upstream.members.map(\.active) == [0, 0] && upstream.place(of: first) == nil)
    }
}
