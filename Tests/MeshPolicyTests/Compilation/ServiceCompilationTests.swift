import MeshModel
import MeshPolicy
import Testing

@Suite("Compilation of Service")
struct ServiceCompilationTests {
    static let name = ServiceName(namespace: "shop", hostname: "web.shop.svc.cluster.local")

    @Test("selects WorkloadEntries of its own namespace by their labels, of metadata and spec together")
    func selection() throws {
        let mesh = compile([
            try Given.service(),
            try Given.entry("by-spec", spec: #"{"address":"10.0.0.1","labels":{"app":"web"}}"#),
            try Given.entry("by-metadata", labels: ["app": "web"], spec: #"{"address":"10.0.0.2"}"#),
            try Given.entry("other", spec: #"{"address":"10.0.0.3","labels":{"app":"db"}}"#),
            try Given.entry(
                "overridden", labels: ["app": "web"], spec: #"{"address":"10.0.0.4","labels":{"app":"db"}}"#),
            try Given.entry("elsewhere", in: "prod", spec: #"{"address":"10.0.0.5","labels":{"app":"web"}}"#),
        ])
        let members = mesh.workloads.filter { $0.services[Self.name] != nil }.map(\.name)
        #expect(members.sorted() == ["by-metadata", "by-spec"])
    }

    @Test("a selector needs all of its labels")
    func allLabels() throws {
        let mesh = compile([
            try Given.service(spec: #"{"selector":{"app":"web","tier":"front"},"ports":[{"port":80}]}"#),
            try Given.entry("both", spec: #"{"address":"10.0.0.1","labels":{"app":"web","tier":"front","x":"y"}}"#),
            try Given.entry("one", spec: #"{"address":"10.0.0.2","labels":{"app":"web"}}"#),
        ])
        #expect(mesh.workloads.filter { !$0.services.isEmpty }.map(\.name) == ["both"])
    }

    @Test("target ports: a number, a name that each workload resolves, and the port itself")
    func targetPorts() throws {
        let mesh = compile([
            try Given.service(
                spec: """
                    {"selector":{"app":"web"},"ports":[{"port":80,"name":"http","targetPort":8080},
                     {"port":81,"name":"admin","targetPort":"admin"},{"port":82,"name":"plain"}]}
                    """),
            try Given.entry("named", spec: #"{"address":"10.0.0.1","labels":{"app":"web"},"ports":{"admin":9000}}"#),
            try Given.entry("unnamed", spec: #"{"address":"10.0.0.2","labels":{"app":"web"}}"#),
        ])
        #expect(mesh.services.first?.ports.map(\.targetPort) == [8080, 0, 82])
        #expect(mesh.services.first?.ports.first?.applicationProtocol == .http11)
        let named = try #require(mesh.workloads.first { $0.name == "named" })
        #expect(named.services[Self.name]?.map(\.targetPort) == [8080, 9000, 82])
        let unnamed = try #require(mesh.workloads.first { $0.name == "unnamed" })
        #expect(
            unnamed.services[Self.name]?.map(\.port) == [80, 82], "a workload without the named port does not serve it")
    }

    @Test("UDP ports are left out by name")
    func udp() throws {
        let mesh = compile([
            try Given.service(
                spec: #"{"selector":{"a":"b"},"ports":[{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP"}]}"#)
        ])
        #expect(mesh.services.first?.ports.count == 1)
        #expect(mesh.warnings.map(\.code) == [.noEffect])
        #expect(mesh.warnings.first?.message.contains("UDP") == true)
    }

    @Test("addresses: clusterIP, clusterIPs, None for headless, and automatic ones of both families else")
    func addresses() throws {
        func ips(_ fields: String) throws -> [String] {
            compile([try Given.service(spec: #"{"selector":{"a":"b"},"ports":[{"port":80}]\#(fields)}"#)]).services
                .first?.addresses.map(\.ip.description) ?? ["no service"]
        }
        #expect(try ips(#","clusterIP":"10.96.0.7""#) == ["10.96.0.7"])
        #expect(try ips(#","clusterIP":"10.96.0.7","clusterIPs":["10.96.0.7","fd00::7"]"#) == ["10.96.0.7", "fd00::7"])
        #expect(try ips(#","clusterIP":"None""#) == [])
        let automatic = try ips("")
        #expect(automatic.count == 2)
        #expect(automatic.first?.hasPrefix("240.240.") == true)
        #expect(automatic.last?.hasPrefix("2001:2::") == true)
        #expect(try ips(#","ipFamilies":["IPv4"]"#).count == 1)
        #expect(try ips(#","ipFamilies":["IPv6"]"#).first?.hasPrefix("2001:2::") == true)
        #expect(try ips(#","ipFamilies":["IPv4"],"ipFamilyPolicy":"PreferDualStack""#).count == 2)
    }

    @Test(
        "traffic distribution and local traffic policy become load balancing",
        arguments: [
            ("PreferClose", "", [.network, .region, .zone, .subzone], .failover),
            ("PreferSameZone", "", [.network, .region, .zone, .subzone], .failover),
            ("PreferSameNode", "", [.network, .region, .zone, .subzone, .node], .failover),
            ("", "Local", [.node], .strict), ("PreferClose", "Local", [.node], .strict), ("", "Cluster", [], .standard),
            ("Any", "", [], .standard),
        ] as [(String, String, [LoadBalancing.Scope], LoadBalancing.Mode)])
    func balancing(
        distribution: String, policy: String, scopes: [LoadBalancing.Scope], mode: LoadBalancing.Mode
    ) throws {
        for isAnnotation in [true, false] where !(isAnnotation && distribution.isEmpty) {
            let field = isAnnotation || distribution.isEmpty ? "" : #","trafficDistribution":"\#(distribution)""#
            let local = policy.isEmpty ? "" : #","internalTrafficPolicy":"\#(policy)""#
            let mesh = compile([
                try Given.service(
                    annotations: isAnnotation ? ["networking.istio.io/traffic-distribution": distribution] : [:],
                    spec: #"{"selector":{"a":"b"},"ports":[{"port":80}]\#(field)\#(local)}"#)
            ])
            #expect(mesh.services.first?.loadBalancing == LoadBalancing(routingPreferences: scopes, mode: mode))
            #expect(mesh.warnings == [])
        }
    }

    @Test("publishNotReadyAddresses sends to unhealthy endpoints too")
    func notReady() throws {
        let mesh = compile([
            try Given.service(
                spec: #"{"selector":{"a":"b"},"ports":[{"port":80}],"publishNotReadyAddresses":true}"#)
        ])
        #expect(mesh.services.first?.loadBalancing.healthPolicy == .allowAll)
    }

    @Test(
        "exportTo becomes visibility",
        arguments: [
            ("*", .everyone, 0), (".", .namespace, 0), ("shop", .namespace, 0), ("~", nil, 0), (".,prod", .everyone, 1),
        ] as [(String, ServiceVisibility?, Int)])
    func exportTo(written: String, visibility: ServiceVisibility?, warnings: Int) throws {
        let mesh = compile([try Given.service(annotations: ["networking.istio.io/exportTo": written])])
        #expect(mesh.services.first?.visibility == visibility)
        #expect(mesh.warnings.count == warnings)
    }

    @Test("what has no effect is said: ExternalName, no selector, an unknown distribution")
    func warnings() throws {
        let external = compile([try Given.service(spec: #"{"type":"ExternalName","externalName":"example.org"}"#)])
        #expect(external.services == [])
        #expect(external.warnings.first?.message.contains("ServiceEntry") == true)
        #expect(compile([try Given.service(spec: #"{"ports":[{"port":80}]}"#)]).warnings.map(\.code) == [.noEffect])
        let unknown = compile([
            try Given.service(annotations: ["networking.istio.io/traffic-distribution": "Nearby"])
        ])
        #expect(unknown.warnings.first?.message.contains("Nearby") == true)
    }

    @Test("a gateway is its own waypoint, as a service and as a workload, and takes tunnels at its own port")
    func gateways() throws {
        let service = try Given.service(
            "in", labels: ["ambit.io/gateway": "true"],
            spec:
                #"{"selector":{"app":"in"},"ports":[{"name":"http","port":80},{"name":"hbone","port":15008,"targetPort":"hbone"}]}"#
        )
        let entry = try Given.entry(
            "in.host-1", labels: ["ambit.io/node": "host-1"], annotations: ["ambit.io/waypoint": "shop/in"],
            spec: #"{"address":"10.0.0.1","labels":{"app":"in"},"serviceAccount":"in","ports":{"hbone":15108}}"#)
        let other = try Given.entry(
            "web.host-1", labels: ["ambit.io/node": "host-1"],
            spec: #"{"address":"10.0.0.2","labels":{"app":"in"},"serviceAccount":"in","ports":{"hbone":15108}}"#)
        let made = compile([service, entry, other])
        let address = GatewayAddress(.hostname(ServiceName(namespace: "shop", hostname: "in.shop.svc.cluster.local")))
        #expect(made.services.first?.waypoint == address)
        #expect(made.workloads.first { $0.name == "in.host-1" }?.waypoint == address)
        #expect(made.workloads.first { $0.name == "in.host-1" }?.tunnelPort == 15_108)
        #expect(made.workloads.first { $0.name == "web.host-1" }?.waypoint == nil)
        #expect(made.workloads.first { $0.name == "web.host-1" }?.tunnelPort == 15_008)
    }

    @Test("a waypoint is resolved from the service's or the namespace's label, and its absence is a warning")
    func waypoints() throws {
        let label = ["istio.io/use-waypoint": "way"]
        let waypoint = try Given.service("way", spec: #"{"selector":{"a":"b"},"ports":[{"port":15008}]}"#)
        let address = GatewayAddress(
            .hostname(ServiceName(namespace: "shop", hostname: "way.shop.svc.cluster.local")))
        let own = compile([waypoint, try Given.service(labels: label)])
        #expect(own.services.first { $0.name == "web" }?.waypoint == address)
        #expect(own.services.first { $0.name == "way" }?.waypoint == nil)
        let namespace = try Given.resource(.namespace, "shop", labels: label)
        let inherited = compile([namespace, waypoint, try Given.service()])
        #expect(inherited.services.first { $0.name == "web" }?.waypoint == address)
        #expect(inherited.services.first { $0.name == "way" }?.waypoint == nil, "a waypoint is not behind itself")
        let optedOut = compile([namespace, waypoint, try Given.service(labels: ["istio.io/use-waypoint": "none"])])
        #expect(optedOut.services.first { $0.name == "web" }?.waypoint == nil)
        let missing = compile([namespace, try Given.service(), try Given.service("api")])
        #expect(missing.services.allSatisfy { $0.waypoint == nil })
        #expect(missing.warnings.map(\.code) == [.waypointMissing], "once, on the namespace that names it")
        let far = compile([
            try Given.service("way", in: "infra"),
            try Given.service(labels: label.merging(["istio.io/use-waypoint-namespace": "infra"]) { $1 }),
        ])
        #expect(far.services.first { $0.name == "web" }?.waypoint?.description.hasPrefix("infra/way.infra.svc") == true)
    }

    @Test(
        "waypoint-for says whose traffic goes through a waypoint",
        arguments: ["", "service", "workload", "all", "none"])
    func waypointFor(kind: String) throws {
        let label = ["istio.io/use-waypoint": "way"]
        let mesh = compile([
            try Given.service("way", labels: kind.isEmpty ? [:] : ["istio.io/waypoint-for": kind]),
            try Given.service(labels: label), try Given.entry(labels: label),
        ])
        #expect((mesh.services.first { $0.name == "web" }?.waypoint != nil) == ["", "service", "all"].contains(kind))
        #expect((mesh.workloads.first?.waypoint != nil) == ["workload", "all"].contains(kind))
    }
}
