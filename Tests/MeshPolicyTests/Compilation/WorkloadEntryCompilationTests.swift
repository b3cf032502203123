import MeshModel
import MeshPolicy
import Testing

@Suite("Compilation of WorkloadEntry")
struct WorkloadEntryCompilationTests {
    @Test("identity, uid, locality, weight, network and canonical names")
    func fields() throws {
        let mesh = compile([
            try Given.entry(
                "web-1", labels: ["version": "v2"],
                spec: """
                    {"address":"10.0.0.1","labels":{"app":"web"},"serviceAccount":"front","locality":"eu/a/b","weight":7,
                     "network":"net-2"}
                    """)
        ])
        let workload = try #require(mesh.workloads.first)
        #expect(workload.uid == "Kubernetes/networking.istio.io/WorkloadEntry/shop/web-1")
        #expect(workload.identity.uri == "spiffe://cluster.local/ns/shop/sa/front")
        #expect(workload.locality.description == "eu/a/b")
        #expect(workload.capacity == 7)
        #expect(workload.network == "net-2")
        #expect(workload.canonicalName == "web")
        #expect(workload.canonicalRevision == "v2")
        #expect(workload.workloadName == "web-1")
        #expect(workload.health == .healthy)
    }

    @Test(
        "labels of entry and spec reach the nodes, the spec's before the entry's; a warning counts those beyond the bound"
    )
    func labels() throws {
        let spec = #"{"address":"10.0.0.1","labels":{"tier":"gold"}}"#
        let few = compile([try Given.entry("web-1", labels: ["tier": "silver", "team": "blue"], spec: spec)])
        #expect(few.workloads.first?.labels.values == ["tier": "gold", "team": "blue"])
        #expect(few.warnings.isEmpty)
        let keys = (0..<WorkloadLabels.limit + 1).map { ("a\($0)", "v") }
        let many = compile([
            try Given.entry("web-1", labels: Dictionary(keys, uniquingKeysWith: { first, _ in first }), spec: spec)
        ])
        #expect(many.workloads.first?.labels.all.count == WorkloadLabels.limit)
        #expect(many.warnings.map(\.code) == [.noEffect])
        #expect(many.warnings.first?.message.hasPrefix("2 of its 66 labels are not seen") == true)
    }

    @Test("defaults: service account default, weight 1, names from the entry, revision latest")
    func defaults() throws {
        let workload = try #require(compile([try Given.entry(spec: #"{"address":"10.0.0.1"}"#)]).workloads.first)
        #expect(workload.identity.serviceAccount == "default")
        #expect(workload.capacity == 1)
        #expect(workload.canonicalName == "web-1")
        #expect(workload.canonicalRevision == "latest")
        #expect(workload.tunnelProtocol == .tcp)
        #expect(workload.node == "")
    }

    @Test(
        "who speaks HBONE: entries of our nodes, and those that say so",
        arguments: [
            (["ambit.io/node": "host-a"], [:], .hbone, false), ([:], [:], .tcp, false),
            (["networking.istio.io/tunnel": "http"], [:], .hbone, true),
            ([:], ["ambient.istio.io/redirection": "enabled"], .hbone, false),
            ([:], ["ambient.istio.io/redirection": "disabled"], .tcp, false),
        ] as [([String: String], [String: String], TunnelProtocol, Bool)])
    func tunnels(
        labels: [String: String], annotations: [String: String], expected: TunnelProtocol, isNative: Bool
    ) throws {
        let workload = try #require(
            compile([try Given.entry(labels: labels, annotations: annotations)]).workloads.first)
        #expect(workload.tunnelProtocol == expected)
        #expect(workload.hasNativeTunnel == isNative)
        #expect(workload.node == labels["ambit.io/node"] ?? "")
    }

    @Test(
        "whose address it is",
        arguments: [(nil, .standard), ("true", .hostNetwork), ("false", .standard)]
            as [(String?, NetworkMode)])
    func networkMode(_ annotation: String?, _ mode: NetworkMode) throws {
        let annotations = annotation.map { ["ambit.io/host-network": $0] } ?? [:]
        let workload = try #require(compile([try Given.entry(annotations: annotations)]).workloads.first)
        #expect(workload.networkMode == mode)
    }

    @Test("further addresses come from the annotation; a host name is to be resolved")
    func addresses() throws {
        let dual = compile([
            try Given.entry(annotations: ["ambit.io/addresses": "fd00::1, 10.0.0.1"])
        ])
        #expect(dual.workloads.first?.addresses.map(\.description) == ["10.0.0.1", "fd00::1"])
        let named = compile([try Given.entry(spec: #"{"address":"vm.example"}"#)])
        #expect(named.workloads.first?.hostname == "vm.example")
    }

    @Test("what cannot be reached is left out by name", arguments: ["", "unix:///run/x.sock"])
    func unreachable(address: String) throws {
        let mesh = compile([try Given.entry(spec: #"{"address":"\#(address)","network":"remote"}"#)])
        #expect(mesh.workloads == [])
        #expect(mesh.warnings.count == 1)
    }

    @Test(
        "health is the condition Healthy",
        arguments: [("True", .healthy), ("False", .unhealthy), ("Unknown", .healthy)] as [(String, WorkloadHealth)])
    func health(status: String, expected: WorkloadHealth) throws {
        let mesh = compile([
            try Given.entry(
                status: #"{"conditions":[{"type":"Ready","status":"False"},{"type":"Healthy","status":"\#(status)"}]}"#)
        ])
        #expect(mesh.workloads.first?.health == expected)
    }

    @Test("WorkloadGroup acts on reports of nodes, not on what is compiled")
    func group() throws {
        let mesh = compile([try Given.resource(.workloadGroup, "web", spec: #"{"template":{"serviceAccount":"web"}}"#)])
        #expect(mesh.workloads == [])
        #expect(mesh.warnings.isEmpty)
    }

    @Test("the order of resources changes nothing")
    func order() throws {
        var resources = [
            try Given.service(), try Given.service("api", created: 2), try Given.service("web", in: "prod", created: 3),
            try Given.entry(), try Given.entry("web-2", spec: #"{"address":"10.0.0.2","labels":{"app":"web"}}"#),
            try Given.resource(.peerAuthentication, "a", created: 4, spec: #"{"mtls":{"mode":"STRICT"}}"#),
            try Given.resource(.peerAuthentication, "b", created: 4, spec: #"{"mtls":{"mode":"PERMISSIVE"}}"#),
            try Given.resource(.authorizationPolicy, "p", spec: #"{"selector":{"matchLabels":{"app":"web"}}}"#),
        ]
        let expected = compile(resources)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            resources.shuffle(using: &generator)
            #expect(compile(resources) == expected)
        }
    }
}
