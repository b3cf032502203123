import MeshModel
import MeshPolicy
import Testing

@Suite("Clusters and DestinationRules (I 2.14)")
struct ClusterPolicyTests {
    static func cluster(
        _ rules: [String], subset: String? = nil, port: UInt16 = 9080, namespace: String = "shop",
        services: [Service]? = nil, workloads: [Workload]? = nil
    ) throws -> Cluster? {
        ClusterCatalog(try Mesh.sources(rules: rules, namespace: namespace, services: services, workloads: workloads))
            .cluster(ClusterKey(service: Mesh.name("reviews"), port: port, subset: subset))
    }

    static func policy(_ rules: [String], subset: String? = nil, namespace: String = "shop") throws -> ClusterPolicy {
        try #require(try cluster(rules, subset: subset, namespace: namespace)).policy
    }

    static func random(_ host: String, namespace: String = "shop", more: String = "") -> String {
        #"{"metadata":{"namespace":"\#(namespace)"},"spec":{"host":"\#(host)"\#(more),"trafficPolicy":{"loadBalancer":{"simple":"RANDOM"}}}}"#
    }

    @Test("subsets select endpoints by labels; unknown ones are NC, empty ones have no endpoint")
    func subsets() throws {
        #expect(try Self.cluster([Mesh.subsets])?.endpoints.map(\.workload.name) == ["reviews-v1", "reviews-v2"])
        #expect(try Self.cluster([Mesh.subsets], subset: "v2")?.endpoints.map(\.workload.name) == ["reviews-v2"])
        #expect(try Self.cluster([Mesh.subsets], subset: "v3") == nil)
        #expect(try Self.cluster([Mesh.subsets], port: 80) == nil)
        let none = try Self.cluster(
            [#"{"host":"reviews","subsets":[{"name":"none","labels":{"version":"v9"}},{"name":"all"}]}"#],
            subset: "none")
        var upstream = Upstream(try #require(none), now: .zero)
        var random = SplitMix64(seed: 1)
        #expect(upstream.choose(EndpointRequest(), now: .zero, &random) == .none)
    }

    @Test("a subset by any label of a workload; where labels are known, app and version are those alone")
    func givenLabels() throws {
        func named(_ selector: String, _ labels: [String: [String: String]]) throws -> [String]? {
            let workloads = labels.sorted { $0.key < $1.key }.map {
                Mesh.workload($0.key, of: "reviews", labels: $0.value)
            }
            let rule = #"{"host":"reviews","subsets":[{"name":"some","labels":\#(selector)}]}"#
            return try Self.cluster(
                [rule], subset: "some", services: [Mesh.service("reviews")], workloads: workloads)?
                .endpoints.map(\.workload.name)
        }
        let labels = ["a": ["tier": "gold", "version": "v2"], "b": ["tier": "silver"], "c": [:]]
        #expect(try named(#"{"tier":"gold"}"#, labels) == ["a"])
        #expect(try named(#"{"tier":"gold","version":"v1"}"#, labels) == [])
        #expect(try named(#"{"version":"v2"}"#, labels) == ["a"])
        #expect(try named(#"{"version":"v1"}"#, labels) == ["c"])
        #expect(try named(#"{"service.istio.io/canonical-revision":"v1"}"#, labels) == ["a", "b", "c"])
    }

    @Test("endpoints: target ports, those that are not ready left out")
    func endpoints() throws {
        let named = Workload(
            uid: "own", name: "own", namespace: "shop",
            services: [Mesh.name("reviews"): [ServicePort(port: 9080, targetPort: 7)]])
        let plain = Workload(uid: "plain", name: "plain", namespace: "shop", services: [Mesh.name("reviews"): []])
        let ill = Mesh.workload("ill", of: "reviews", health: .unhealthy)
        let cluster = try Self.cluster([], services: [Mesh.service("reviews")], workloads: [named, plain, ill])
        #expect(cluster?.endpoints.map(\.id.description) == ["own:7", "plain:9080"])
        let all = try Self.cluster(
            [], services: [Mesh.service("reviews", balancing: LoadBalancing(healthPolicy: .allowAll))], workloads: [ill]
        )
        #expect(all?.endpoints.count == 1)
    }

    @Test("which rule: the proxy's namespace, the service's, the root's; in each the most specific host")
    func lookup() throws {
        let host = Mesh.host("reviews")
        let service = #"{"host":"reviews","trafficPolicy":{"loadBalancer":{"simple":"ROUND_ROBIN"}}}"#
        #expect(try Self.policy([]).balancing == .leastRequest)
        #expect(try Self.policy([service]).balancing == .roundRobin)
        #expect(try Self.policy([service, Self.random(host, namespace: "gw")], namespace: "gw").balancing == .random)
        #expect(try Self.policy([service, Self.random(host, namespace: "gw")]).balancing == .roundRobin)
        #expect(try Self.policy([Self.random(host, namespace: "other")]).balancing == .leastRequest)
        #expect(try Self.policy([Self.random("*.cluster.local", namespace: "istio-system")]).balancing == .random)
        #expect(
            try Self.policy([Self.random("*.cluster.local", namespace: "istio-system"), service]).balancing
                == .roundRobin)
        #expect(try Self.policy([Self.random("*.shop.svc.cluster.local"), service]).balancing == .roundRobin)
        #expect(try Self.policy([Self.random("*.shop.svc.cluster.local")]).balancing == .random)
        #expect(
            try Self.policy([Self.random("reviews", more: #","exportTo":["."]"#)], namespace: "gw").balancing
                == .leastRequest)
        #expect(
            try Self.policy([Self.random("reviews", more: #","workloadSelector":{"matchLabels":{"a":"b"}}"#)]).balancing
                == .leastRequest)
    }

    @Test("several rules of one host are one: subsets together, the oldest's policy")
    func merging() throws {
        let second =
            #"{"host":"reviews","subsets":[{"name":"v1","labels":{"version":"no"}},{"name":"v3"}],"trafficPolicy":{"loadBalancer":{"simple":"RANDOM"}}}"#
        #expect(try Self.cluster([Mesh.subsets, second], subset: "v3") != nil)
        #expect(try Self.cluster([Mesh.subsets, second], subset: "v1")?.endpoints.count == 1)
        #expect(try Self.policy([Mesh.subsets, second]).balancing == .random)
        let first = #"{"host":"reviews","trafficPolicy":{"loadBalancer":{"simple":"ROUND_ROBIN"}}}"#
        #expect(try Self.policy([first, second]).balancing == .roundRobin)
    }

    @Test("a subset's blocks replace the host's one by one; a port's replace four of them whole")
    func layers() throws {
        let rule =
            #"""
            {"host":"reviews","trafficPolicy":{"loadBalancer":{"simple":"RANDOM"},"outlierDetection":{"interval":"1s"},
              "proxyProtocol":{"version":"V2"},"connectionPool":{"tcp":{"maxConnections":1}}},
             "subsets":[{"name":"a","trafficPolicy":{"loadBalancer":{"simple":"ROUND_ROBIN"}}},
              {"name":"b","trafficPolicy":{"portLevelSettings":[{"port":{"number":9080},"tls":{"mode":"SIMPLE"}}]}},
              {"name":"c","trafficPolicy":{"portLevelSettings":[{"port":{"number":80},"tls":{"mode":"SIMPLE"}}]}}]}
            """#
        let a = try Self.policy([rule], subset: "a")
        #expect(a.balancing == .roundRobin && a.outlierDetection?.interval == .seconds(1) && a.limits.connections == 1)
        let b = try Self.policy([rule], subset: "b")
        #expect(b.balancing == .leastRequest && b.outlierDetection == nil && b.limits.connections == .max)
        #expect(b.tls?.mode == .simple && b.proxyProtocol == .v2)
        let c = try Self.policy([rule], subset: "c")
        #expect(c.balancing == .random && c.tls == nil)
    }

    @Test(
        "TLS of its own only where it is originated; the mesh's is the tunnel's",
        arguments: [("DISABLE", false), ("ISTIO_MUTUAL", false), ("SIMPLE", true), ("MUTUAL", true)])
    func tls(mode: String, isOwn: Bool) throws {
        let policy = try Self.policy([#"{"host":"reviews","trafficPolicy":{"tls":{"mode":"\#(mode)"}}}"#])
        #expect((policy.tls != nil) == isOwn)
    }

    @Test("limits: 0 is none; defaults; HTTP's idle time before TCP's (I 2.15)")
    func limits() throws {
        let none = try Self.policy([]).limits
        #expect(none.connections == .max && none.connectTimeout == .seconds(10) && none.idleTimeout == .seconds(3_600))
        let some = try Self.policy([
            #"{"host":"reviews","trafficPolicy":{"connectionPool":{"tcp":{"maxConnections":0,"idleTimeout":"5s","connectTimeout":"2s"},"http":{"http1MaxPendingRequests":3,"http2MaxRequests":4,"maxRetries":5,"maxRequestsPerConnection":1,"idleTimeout":"0s","h2UpgradePolicy":"UPGRADE","useClientProtocol":true}}}}"#
        ]).limits
        #expect(some.connections == .max && some.pendingRequests == 3 && some.requests == 4 && some.retries == 5)
        #expect(some.requestsPerConnection == 1 && some.connectTimeout == .seconds(2) && some.idleTimeout == nil)
        #expect(some.upgradesToHTTP2 && some.usesClientProtocol)
    }
}
