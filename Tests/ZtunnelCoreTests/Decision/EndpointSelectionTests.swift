import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// Z 3.1: which endpoints are candidates, how they are ranked, and how one is drawn.
@Suite struct EndpointSelectionTests {
    static let source = Mesh.workload(
        "source", "10.0.0.1", network: "n1", node: "node-1",
        locality: Locality(region: "r1", zone: "z1", subzone: "s1"),
        cluster: "c1")

    static func endpoint(
        _ name: String, network: String = "n1", node: String = "node-9", _ locality: String = "r1/z1/s1",
        cluster: String = "c1",
        health: WorkloadHealth = .healthy, capacity: UInt32 = 1
    ) -> Workload {
        Mesh.workload(
            name, "10.1.0.1", network: network, gateway: Mesh.gateway("192.0.2.1"), node: node,
            services: [Mesh.key("s"): []], health: health, locality: Locality(locality) ?? Locality(), cluster: cluster,
            capacity: capacity)
    }

    /// Who is drawn in 400 connections, with counts.
    static func draw(_ balancing: LoadBalancing, _ endpoints: [Workload], excluding: Set<String> = []) -> [String: Int]
    {
        let service = Service(
            name: "s", namespace: "ns", hostname: "s", ports: Mesh.ports(80, 8080), loadBalancing: balancing)
        var builder = SnapshotBuilder()
        let snapshot = builder.apply(updates: [.service(service)] + endpoints.map { .workload($0) })
        var random = SeededGenerator()
        var counts: [String: Int] = [:]
        for _ in 0..<400 {
            let selection = EndpointSelection(service, in: snapshot, for: source, port: 80, excluding: excluding)
            if let choice = selection.choose(random: &random) { counts[choice.workload.uid, default: 0] += 1 }
        }
        return counts
    }

    static func names(_ balancing: LoadBalancing, _ endpoints: [Workload]) -> Set<String> {
        Set(draw(balancing, endpoints).keys)
    }

    @Test func allAreAlikeWithoutPreferences() {
        let counts = Self.draw(LoadBalancing(), ["a", "b", "c", "d"].map { Self.endpoint($0) })
        #expect(counts.count == 4 && counts.values.allSatisfy { (60...140).contains($0) })
    }

    @Test func capacityWeighs() {
        let counts = Self.draw(
            LoadBalancing(),
            [Self.endpoint("a", capacity: 1), Self.endpoint("b", capacity: 3), Self.endpoint("c", capacity: 0)])
        #expect(counts["c"] == nil)
        #expect((70...130).contains(counts["a"] ?? 0) && (270...330).contains(counts["b"] ?? 0))
        #expect(Self.draw(LoadBalancing(), [Self.endpoint("c", capacity: 0)]).isEmpty)
        #expect(
            Self.draw(LoadBalancing(), [Self.endpoint("c", capacity: .max), Self.endpoint("d", capacity: .max)]).count
                == 2)
    }

    @Test func unhealthyOnesArePassedOverUnlessAllAreAllowed() {
        let endpoints = [Self.endpoint("a"), Self.endpoint("b", health: .unhealthy)]
        #expect(Self.names(LoadBalancing(), endpoints) == ["a"])
        #expect(Self.names(LoadBalancing(healthPolicy: .allowAll), endpoints) == ["a", "b"])
        #expect(Self.names(LoadBalancing(), [Self.endpoint("b", health: .unhealthy)]).isEmpty)
    }

    static let failover = LoadBalancing(routingPreferences: [.region, .zone, .subzone], mode: .failover)

    @Test func failoverTakesTheLongestRun() {
        let far = Self.endpoint("far", "r2/z1/s1")
        let region = Self.endpoint("region", "r1/z2/s1")
        let zone = Self.endpoint("zone", "r1/z1/s2")
        let near = Self.endpoint("near", "r1/z1/s1")
        let second = Self.endpoint("near-2", "r1/z1/s1")
        #expect(Self.names(Self.failover, [far, region, zone, near, second]) == ["near", "near-2"])
        #expect(Self.names(Self.failover, [far, region, zone]) == ["zone"])
        #expect(Self.names(Self.failover, [far, region]) == ["region"], "the run stops at the first mismatch")
        #expect(Self.names(Self.failover, [far]) == ["far"])
    }

    @Test func failoverPassesOverWhatIsNotThere() {
        let near = Self.endpoint("near", health: .unhealthy)
        let idle = Self.endpoint("idle", capacity: 0)
        let far = Self.endpoint("far", "r2/z2/s2")
        #expect(Self.names(Self.failover, [near, idle, far]) == ["far"])
        #expect(Set(Self.draw(Self.failover, [Self.endpoint("tried"), far], excluding: ["tried"]).keys) == ["far"])
    }

    @Test func strictTakesOnlyFullMatches() {
        let strict = LoadBalancing(routingPreferences: [.region, .zone], mode: .strict)
        #expect(Self.names(strict, [Self.endpoint("near"), Self.endpoint("far", "r1/z2/s1")]) == ["near"])
        #expect(Self.names(strict, [Self.endpoint("far", "r1/z2/s1")]).isEmpty)
    }

    @Test(arguments: [
        (LoadBalancing.Scope.region, "r2/z1/s1", "node-1", "c1", "n1"), (.zone, "r1/z2/s1", "node-1", "c1", "n1"),
        (.subzone, "r1/z1/s2", "node-1", "c1", "n1"), (.node, "r1/z1/s1", "node-2", "c1", "n1"),
        (.cluster, "r1/z1/s1", "node-1", "c2", "n1"), (.network, "r1/z1/s1", "node-1", "c1", "n2"),
    ])
    func scopes(_ scope: LoadBalancing.Scope, _ locality: String, _ node: String, _ cluster: String, _ network: String)
    {
        let same = Self.endpoint("same", node: "node-1")
        let other = Self.endpoint("other", network: network, node: node, locality, cluster: cluster)
        for mode in [LoadBalancing.Mode.failover, .strict] {
            #expect(Self.names(LoadBalancing(routingPreferences: [scope], mode: mode), [same, other]) == ["same"])
        }
    }

    @Test func aLeadingNetworkIsPreferredNotRequired() {
        let balancing = LoadBalancing(routingPreferences: [.network, .region, .zone], mode: .failover)
        let remoteNear = Self.endpoint("remote-near", network: "n2", "r1/z1/s1")
        let remoteFar = Self.endpoint("remote-far", network: "n2", "r2/z1/s1")
        let localFar = Self.endpoint("local-far", "r2/z2/s2")
        #expect(Self.names(balancing, [remoteNear, remoteFar]) == ["remote-near"], "the mismatch is passed over")
        #expect(Self.names(balancing, [remoteFar, localFar]) == ["local-far"])
    }

    @Test func preferencesMeanNothingInStandardMode() {
        let balancing = LoadBalancing(routingPreferences: [.region], mode: .standard)
        #expect(Self.names(balancing, [Self.endpoint("a"), Self.endpoint("b", "r2/z/s")]) == ["a", "b"])
    }

    @Test func endpointsThatCannotBeReachedAreNoCandidates() {
        let nowhere = Mesh.workload("nowhere", network: "n1", services: [Mesh.key("s"): []])
        let lost = Mesh.workload("lost", network: "n2", services: [Mesh.key("s"): []])
        #expect(Self.names(LoadBalancing(), [nowhere, lost]).isEmpty)
        let named = Mesh.workload("named", network: "n1", hostname: "h", services: [Mesh.key("s"): []])
        let behind = Mesh.workload(
            "behind", network: "n2", gateway: Mesh.gateway("192.0.2.1"), services: [Mesh.key("s"): []])
        #expect(Self.names(LoadBalancing(), [nowhere, lost, named, behind]) == ["named", "behind"])
    }
}
