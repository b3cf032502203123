import MeshModel
import MeshPolicy
import Testing

@Suite("Localities (I 2.16)")
struct LocalityTests {
    static let outlier = #""outlierDetection":{"consecutive5xxErrors":1,"maxEjectionPercent":100}"#

    static func workloads(_ localities: [String]) -> [Workload] {
        localities.enumerated().map { Mesh.workload("w0\($0)", of: "reviews", locality: $1) }
    }

    static func fail(_ upstream: inout Upstream, _ names: [String]) {
        for member in upstream.members where names.contains(member.endpoint.workload.name) {
            #expect(upstream.count(.connectFailure, at: member.endpoint.id, now: .zero) == true)
        }
    }

    @Test("with outlier detection the nearest is used, and the next nearest when it fails; without, all are alike")
    func failover() throws {
        let endpoints = Self.workloads(["r1/z1/s1", "r1/z1/s2", "r1/z2", "r2/z1", "r3/z1"])
        var upstream = try UpstreamTests.upstream("{\(Self.outlier)}", endpoints, locality: "r1/z1/s1")
        for lost in ["w00", "w01", "w02"] {
            #expect(UpstreamTests.counts(&upstream, 100) == [lost: 100])
            Self.fail(&upstream, [lost])
        }
        UpstreamTests.expect(UpstreamTests.counts(&upstream, 5_000), ["w03": 0.5, "w04": 0.5], 5_000)
        var plain = try UpstreamTests.upstream("{}", endpoints, locality: "r1/z1/s1")
        #expect(UpstreamTests.counts(&plain, 1_000).count == 5)
        var off = try UpstreamTests.upstream(
            #"{"loadBalancer":{"localityLbSetting":{"enabled":false}},\#(Self.outlier)}"#, endpoints,
            locality: "r1/z1/s1")
        #expect(UpstreamTests.counts(&off, 1_000).count == 5)
    }

    @Test(
        "failover names the region that takes over before the others",
        arguments: ["localityLbSetting", "zoneAwareLbSetting"])
    func failoverRegion(block: String) throws {
        var upstream = try UpstreamTests.upstream(
            #"{"loadBalancer":{"\#(block)":{"failover":[{"from":"r1","to":"r3"}]}},\#(Self.outlier)}"#,
            Self.workloads(["r1/z1", "r2/z1", "r3/z1"]), locality: "r1/z1")
        Self.fail(&upstream, ["w00"])
        #expect(UpstreamTests.counts(&upstream, 100) == ["w02": 100])
    }

    @Test("failoverPriority: by how many labels in a row are alike, also with a written value")
    func failoverPriority() throws {
        let policy =
            #"{"loadBalancer":{"localityLbSetting":{"failoverPriority":["topology.kubernetes.io/region","version=v2"]}},\#(Self.outlier)}"#
        let endpoints = [
            Mesh.workload("w00", of: "reviews", version: "v1", locality: "r1"),
            Mesh.workload("w01", of: "reviews", version: "v2", locality: "r1"),
            Mesh.workload("w02", of: "reviews", version: "v2", locality: "r2"),
        ]
        var upstream = try UpstreamTests.upstream(policy, endpoints, locality: "r1")
        for lost in ["w01", "w00", "w02"] {
            #expect(UpstreamTests.counts(&upstream, 100) == [lost: 100])
            Self.fail(&upstream, [lost])
        }
        #expect(UpstreamTests.counts(&upstream, 10) == ["none": 10])
    }

    @Test("where the proxy runs counts: its node, network and cluster")
    func place() throws {
        func workload(_ name: String, node: String) -> Workload {
            Mesh.workload(name, of: "reviews", locality: "r1", labels: ["kubernetes.io/hostname": node])
        }
        let endpoints = [workload("w00", node: "a"), workload("w01", node: "b")]
        func counts(_ balancing: LoadBalancing, on node: String) throws -> [String: Int] {
            var upstream = try UpstreamTests.upstream(
                "{\(Self.outlier)}", endpoints, balancing: balancing,
                place: EndpointLabels.labels(of: workload("waypoint", node: node)))
            return UpstreamTests.counts(&upstream, 100)
        }
        let near = LoadBalancing(routingPreferences: [.network, .region, .node], mode: .failover)
        #expect(try counts(near, on: "b") == ["w01": 100])
        #expect(try counts(near, on: "c").count == 2)
        let local = LoadBalancing(routingPreferences: [.node], mode: .strict)
        #expect(try counts(local, on: "a") == ["w00": 100])
        #expect(try counts(local, on: "c") == ["none": 100])
    }

    @Test("overprovisioning: a level bears 1.4 times its share; what it cannot spills to the next")
    func spill() throws {
        let endpoints = Self.workloads(["r1", "r1", "r1", "r1", "r1", "r2", "r2"])
        var upstream = try UpstreamTests.upstream("{\(Self.outlier)}", endpoints, locality: "r1")
        func near() -> Double {
            let counts = UpstreamTests.counts(&upstream, 10_000)
            return Double(counts.filter { $0.key < "w05" }.values.reduce(0, +)) / 10_000
        }
        #expect(near() == 1)
        Self.fail(&upstream, ["w00"])
        #expect(near() == 1, "4 of 5 are 112 percent")
        Self.fail(&upstream, ["w01"])
        #expect(abs(near() - 0.84) < 0.012, "3 of 5 are 84 percent")
        Self.fail(&upstream, ["w02", "w03", "w04"])
        #expect(near() == 0)
    }

    @Test("retries leave priorities that were tried")
    func triedPriorities() throws {
        var upstream = try UpstreamTests.upstream("{\(Self.outlier)}", Self.workloads(["r1", "r2"]), locality: "r1")
        var request = EndpointRequest()
        request.triedPriorities = 1
        #expect(UpstreamTests.counts(&upstream, 10, request: request) == ["w01": 10])
        request.triedPriorities = 3
        #expect(UpstreamTests.counts(&upstream, 10, request: request) == ["w00": 10])
    }

    @Test("distribute: shares of localities as written, none for others, the first rule that matches")
    func distribute() throws {
        let policy =
            #"{"loadBalancer":{"simple":"RANDOM","localityLbSetting":{"distribute":[{"from":"r9/*","to":{"r1/z1":100}},{"from":"r1/z1/*","to":{"r1/z1/*":80,"r1/z2/*":20}},{"from":"r1/*","to":{"r1/z2":100}}]}}}"#
        let endpoints = Self.workloads(["r1/z1/a", "r1/z1/b", "r1/z2/a", "r2/z1"])
        var upstream = try UpstreamTests.upstream(policy, endpoints, locality: "r1/z1/a")
        UpstreamTests.expect(
            UpstreamTests.counts(&upstream, 20_000), ["w00": 0.4, "w01": 0.4, "w02": 0.2], 20_000)
        var other = try UpstreamTests.upstream(policy, endpoints, locality: "r1/z3")
        #expect(UpstreamTests.counts(&other, 100) == ["w02": 100])
        var none = try UpstreamTests.upstream(policy, endpoints, locality: "r7")
        #expect(UpstreamTests.counts(&none, 1_000).count == 4)
    }

    @Test("the service's own traffic distribution, which a DestinationRule's setting comes before")
    func trafficDistribution() throws {
        let near = LoadBalancing(routingPreferences: [.network, .region, .zone], mode: .failover)
        let endpoints = Self.workloads(["r1/z1", "r1/z2", "r2/z1"])
        var upstream = try UpstreamTests.upstream("{}", endpoints, locality: "r1/z1", balancing: near)
        #expect(UpstreamTests.counts(&upstream, 100) == ["w00": 100])
        var setting = try UpstreamTests.upstream(
            #"{"loadBalancer":{"localityLbSetting":{"enabled":false}}}"#, endpoints, locality: "r1/z1", balancing: near)
        #expect(UpstreamTests.counts(&setting, 1_000).count == 3)
        let strict = LoadBalancing(routingPreferences: [.region], mode: .strict)
        var only = try UpstreamTests.upstream("{}", endpoints, locality: "r2/z1", balancing: strict)
        #expect(UpstreamTests.counts(&only, 100) == ["w02": 100])
        var nobody = try UpstreamTests.upstream("{}", endpoints, locality: "r5", balancing: strict)
        #expect(UpstreamTests.counts(&nobody, 10) == ["none": 10])
    }
}
