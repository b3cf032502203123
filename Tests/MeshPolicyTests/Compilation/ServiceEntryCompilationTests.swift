import MeshModel
import MeshPolicy
import Testing

@Suite("Compilation of ServiceEntry")
struct ServiceEntryCompilationTests {
    static func entry(
        _ spec: String, name: String = "ext", created: Int = 1, labels: [String: String] = [:]
    ) throws -> Resource {
        try Given.resource(.serviceEntry, name, created: created, labels: labels, spec: spec)
    }

    @Test("STATIC with endpoints: a workload each, with named ports where they match")
    func staticEndpoints() throws {
        let mesh = compile([
            try Self.entry(
                """
                {"hosts":["db.example"],"resolution":"STATIC","ports":[{"number":5432,"name":"tcp","targetPort":6432}],
                 "endpoints":[{"address":"10.1.0.1"},{"address":"10.1.0.2","ports":{"tcp":7000},"weight":5,
                 "locality":"eu/a/1","network":"remote","serviceAccount":"db"}]}
                """)
        ])
        let name = ServiceName(namespace: "shop", hostname: "db.example")
        #expect(mesh.services.map(\.key) == [name])
        #expect(mesh.services.first?.addresses.count == 2)
        let uid = "Kubernetes/networking.istio.io/ServiceEntry/shop/ext/"
        #expect(mesh.workloads.map(\.uid) == [uid + "10.1.0.1", uid + "10.1.0.2"])
        #expect(mesh.workloads.first?.services[name]?.map(\.targetPort) == [6432])
        let second = try #require(mesh.workloads.last)
        #expect(second.services[name]?.map(\.targetPort) == [7000])
        #expect(second.capacity == 5)
        #expect(second.locality == Locality(region: "eu", zone: "a", subzone: "1"))
        #expect(second.network == "remote")
        #expect(second.identity.serviceAccount == "db")
        #expect(second.tunnelProtocol == .tcp)
    }

    @Test("several hosts share the endpoints and have an address each")
    func hosts() throws {
        let mesh = compile([
            try Self.entry(
                #"{"hosts":["a.example","b.example"],"resolution":"STATIC","ports":[{"number":80}],"endpoints":[{"address":"10.1.0.1"}]}"#
            )
        ])
        #expect(mesh.workloads.first?.services.count == 2)
        #expect(Set(mesh.services.flatMap { $0.addresses.map(\.ip) }).count == 4)
    }

    @Test("a workloadSelector selects WorkloadEntries; Service and ServiceEntry may share a workload")
    func selector() throws {
        let mesh = compile([
            try Self.entry(
                #"{"hosts":["web.example"],"resolution":"STATIC","ports":[{"number":80,"name":"http"}],"workloadSelector":{"labels":{"app":"web"}}}"#
            ),
            try Given.service(), try Given.entry(),
        ])
        #expect(mesh.workloads.map(\.services.count) == [2])
    }

    @Test("DNS: endpoints are host names to resolve; without endpoints a host is its own")
    func dns() throws {
        let named = compile([
            try Self.entry(
                #"{"hosts":["api.example"],"resolution":"DNS","ports":[{"number":443}],"endpoints":[{"address":"real.example"}]}"#
            )
        ])
        #expect(named.workloads.map(\.hostname) == ["real.example"])
        #expect(named.workloads.first?.addresses == [])
        let own = compile([
            try Self.entry(
                #"{"hosts":["api.example","www.example"],"resolution":"DNS_ROUND_ROBIN","ports":[{"number":443}]}"#)
        ])
        #expect(own.workloads.map(\.hostname) == ["api.example", "www.example"])
        #expect(own.workloads.allSatisfy { $0.services.count == 1 })
    }

    @Test(
        "NONE passes connections through, keeps ranges, gets no automatic address, and says that endpoints are not used"
    )
    func none() throws {
        let mesh = compile([
            try Self.entry(
                #"{"hosts":["any.example"],"addresses":["10.9.0.0/16","10.8.0.1","fd00::/8"],"ports":[{"number":80}],"endpoints":[{"address":"10.1.0.1"}]}"#
            )
        ])
        let service = try #require(mesh.services.first)
        #expect(service.loadBalancing.mode == .passthrough)
        #expect(service.ranges.map(\.range.description) == ["10.9.0.0/16", "fd00::/8"])
        #expect(service.addresses.map(\.ip.description) == ["10.8.0.1"])
        #expect(mesh.workloads == [])
        #expect(mesh.warnings.map(\.code) == [.noEffect])
        #expect(
            compile([try Self.entry(#"{"hosts":["x.example"],"ports":[{"number":80}]}"#)]).services.first?.addresses
                == [])
    }

    @Test("no automatic address where the entry has one or does not want one")
    func optOut() throws {
        let spec = #"{"hosts":["a.example"],"resolution":"STATIC","ports":[{"number":80}]"#
        let label = ["networking.istio.io/enable-autoallocate-ip": "false"]
        #expect(compile([try Self.entry(spec + "}", labels: label)]).services.first?.addresses == [])
        let own = compile([try Self.entry(spec + #","addresses":["10.2.0.1"]}"#)])
        #expect(own.services.first?.addresses.map(\.ip.description) == ["10.2.0.1"])
        #expect(own.virtualAddresses.numbers.isEmpty)
    }

    @Test("exportTo, subjectAltNames and protocols are carried")
    func fields() throws {
        let mesh = compile([
            try Self.entry(
                """
                {"hosts":["a.example"],"resolution":"STATIC","ports":[{"number":80,"protocol":"GRPC","name":"x"},
                 {"number":81,"protocol":"TCP","name":"http-x"},{"number":82,"protocol":"GRPC-WEB","name":"y"},
                 {"number":53,"protocol":"UDP"}],"exportTo":["."],"subjectAltNames":["spiffe://other/ns/a/sa/b"]}
                """)
        ])
        let service = try #require(mesh.services.first)
        #expect(service.visibility == .namespace)
        #expect(service.subjectAltNames == ["spiffe://other/ns/a/sa/b"])
        #expect(service.ports.map(\.applicationProtocol) == [.grpc, .unknown, .grpc])
        #expect(mesh.warnings.count == 1)
    }

    @Test("wildcard hosts and DYNAMIC_DNS are left out by name")
    func unserved() throws {
        let wildcard = compile([
            try Self.entry(#"{"hosts":["*.example","a.example"],"resolution":"STATIC","ports":[{"number":80}]}"#)
        ])
        #expect(wildcard.services.map(\.hostname) == ["a.example"])
        #expect(wildcard.warnings.first?.message.contains("*.example") == true)
        let dynamic = compile([
            try Self.entry(#"{"hosts":["*.example"],"resolution":"DYNAMIC_DNS","ports":[{"number":80}]}"#)
        ])
        #expect(dynamic.services == [])
        #expect(dynamic.warnings.first?.message.contains("DYNAMIC_DNS") == true)
    }

    @Test("one host in two namespaces: the Service is canonical, else the oldest")
    func canonical() throws {
        let spec = #"{"hosts":["a.example"],"resolution":"STATIC","ports":[{"number":80}]}"#
        let both = compile([
            try Given.resource(.serviceEntry, "x", in: "one", created: 5, spec: spec),
            try Given.resource(.serviceEntry, "x", in: "two", created: 4, spec: spec),
        ])
        #expect(both.services.map(\.isCanonical) == [false, true])
        let service = compile([
            try Given.service(created: 9),
            try Given.resource(
                .serviceEntry, "x", in: "two",
                spec: #"{"hosts":["web.shop.svc.cluster.local"],"resolution":"STATIC","ports":[{"number":80}]}"#),
        ])
        #expect(service.services.first { $0.isCanonical }?.namespace == "shop")
    }

    @Test("one host twice in a namespace: the older stands, the other is told")
    func duplicates() throws {
        let spec = #"{"hosts":["a.example"],"resolution":"STATIC","ports":[{"number":80}]}"#
        let mesh = compile([
            try Self.entry(spec, name: "new", created: 2), try Self.entry(spec, name: "old", created: 1),
        ])
        #expect(mesh.services.map(\.name) == ["old"])
        #expect(mesh.warnings.map(\.name) == ["new"])
        #expect(mesh.warnings.map(\.code) == [.overridden])
    }
}
