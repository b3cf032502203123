import MeshModel
import Testing
import ZtunnelCore

/// Z 3, case by case. The source is 10.0.0.1 of namespace ns on the default network.
@Suite struct OutboundDecisionTests {
    static let source = Mesh.workload("source", "10.0.0.1", "2001:db8::1", node: "node-1")

    static func decide(
        _ snapshot: MeshSnapshot, _ target: String, from source: Workload = source, excluding: Set<String> = [],
        seed: UInt64 = 1
    ) -> OutboundDecision {
        var random = SeededGenerator(seed: seed)
        return decideOutbound(
            snapshot: snapshot, source: source, target: Mesh.at(target), excluding: excluding, random: &random)
    }

    static func hbone(_ decision: OutboundDecision) throws -> HBONERoute {
        guard case .hbone(let route) = decision else {
            Issue.record("not HBONE: \(decision)")
            throw Unexpected()
        }
        return route
    }

    static func tcp(_ decision: OutboundDecision) throws -> TCPRoute {
        guard case .tcp(let route) = decision else {
            Issue.record("not TCP: \(decision)")
            throw Unexpected()
        }
        return route
    }

    struct Unexpected: Error {}

    // MARK: workloads

    @Test func unknownDestinationsPassThrough() {
        #expect(Self.decide(.empty, "203.0.113.1:443") == .passthrough(Mesh.at("203.0.113.1:443")))
        #expect(Self.decide(.empty, "[2001:db8::99]:443") == .passthrough(Mesh.at("[2001:db8::99]:443")))
    }

    @Test(arguments: [
        "127.0.0.1:15001", "127.0.0.1:15006", "127.0.0.1:15008", "[::1]:15001", "[::ffff:127.0.0.1]:15001",
    ])
    func refusesCallsToOurselves(_ target: String) {
        #expect(Self.decide(.empty, target) == .refuse(.selfCall))
        #expect(OutboundRefusal.selfCall.description == "attempted recursive call to ourselves")
    }

    @Test func loopbackWithOtherPortsPassesThrough() {
        #expect(Self.decide(.empty, "127.0.0.1:80") == .passthrough(Mesh.at("127.0.0.1:80")))
    }

    @Test(arguments: ["node-1", "node-2"]) func workloadWithoutTunnelIsReachedByTCP(_ node: String) throws {
        let workload = Mesh.workload("w", "10.0.0.2", tunnel: .tcp, node: node)
        let route = try Self.tcp(Self.decide(Mesh.snapshot(.workload(workload)), "10.0.0.2:80"))
        #expect(route == TCPRoute(address: Mesh.at("10.0.0.2:80"), workload: workload, service: nil))
    }

    @Test(arguments: ["node-1", "node-2"]) func workloadWithTunnelIsReachedByHBONE(_ node: String) throws {
        let workload = Mesh.workload("w", "10.0.0.2", node: node)
        let route = try Self.hbone(Self.decide(Mesh.snapshot(.workload(workload)), "10.0.0.2:80"))
        #expect(
            route
                == HBONERoute(
                    dial: Mesh.at("10.0.0.2:15008"), authority: "10.0.0.2:80",
                    expectedIdentities: ["spiffe://cluster.local/ns/ns/sa/w"], serverName: "w.ns.cluster.local",
                    destination: workload, service: nil, isWaypoint: false))
    }

    @Test func sixIsWrittenInBrackets() throws {
        let route = try Self.hbone(
            Self.decide(Mesh.snapshot(.workload(Mesh.workload("w", "2001:db8::2"))), "[2001:db8::2]:80"))
        #expect(route.authority == "[2001:db8::2]:80" && route.dial == Mesh.at("[2001:db8::2]:15008"))
    }

    @Test func theSameAddressOnAnotherNetworkIsUnknown() {
        let snapshot = Mesh.snapshot(.workload(Mesh.workload("w", "10.0.0.2", network: "remote")))
        #expect(Self.decide(snapshot, "10.0.0.2:80") == .passthrough(Mesh.at("10.0.0.2:80")))
    }

    @Test func theAddressedOneOfSeveralAddressesIsDialled() throws {
        let snapshot = Mesh.snapshot(.workload(Mesh.workload("w", "10.0.0.2", "10.0.0.3", "2001:db8::2")))
        for target in ["10.0.0.2", "10.0.0.3", "[2001:db8::2]"] {
            #expect(try Self.hbone(Self.decide(snapshot, "\(target):80")).dial == Mesh.at("\(target):15008"))
        }
    }

    @Test func workloadsOnOneAddressAreToldApartByPort() throws {
        let web = Mesh.workload("web", "10.0.0.2", services: [Mesh.key("web"): Mesh.ports(80, 8080)])
        let database = Mesh.workload("db", "10.0.0.2", services: [Mesh.key("db"): Mesh.ports(5432, 5432)])
        let snapshot = Mesh.snapshot(.workload(web), .workload(database))
        #expect(try Self.hbone(Self.decide(snapshot, "10.0.0.2:8080")).serverName == "web.ns.cluster.local")
        #expect(try Self.hbone(Self.decide(snapshot, "10.0.0.2:5432")).serverName == "db.ns.cluster.local")
    }

    @Test func hostNetworkIsFoundByAddressAtItsPortsOnly() throws {
        let web = Mesh.workload(
            "web", "10.0.0.2", services: [Mesh.key("web"): Mesh.ports(80, 8080)], mode: .hostNetwork)
        let snapshot = Mesh.snapshot(.workload(web))
        let route = try Self.hbone(Self.decide(snapshot, "10.0.0.2:8080"))
        #expect(route.serverName == "web.ns.cluster.local" && route.authority == "10.0.0.2:8080")
        #expect(Self.decide(snapshot, "10.0.0.2:22") == .passthrough(Mesh.at("10.0.0.2:22")))
    }

    @Test func aNameThatIsTooLongForTLSIsNotSent() throws {
        let account = String(repeating: "a", count: 250)
        let long = Workload(
            uid: "w", name: "w", namespace: "ns", addresses: [Mesh.ip("10.0.0.2")], tunnelProtocol: .hbone,
            serviceAccount: account)
        #expect(try Self.hbone(Self.decide(Mesh.snapshot(.workload(long)), "10.0.0.2:80")).serverName == nil)
    }

    @Test func hostNetworkIsNotFoundByAddressButByService() throws {
        let host = Mesh.workload("h", "10.0.0.2", tunnel: .tcp, services: [Mesh.key("s"): []], mode: .hostNetwork)
        let snapshot = Mesh.snapshot(.workload(host), .service(Self.service()))
        #expect(Self.decide(snapshot, "10.0.0.2:80") == .passthrough(Mesh.at("10.0.0.2:80")))
        #expect(try Self.tcp(Self.decide(snapshot, "240.0.0.1:80")).address == Mesh.at("10.0.0.2:8080"))
    }

    // MARK: services

    static func service(
        _ hostname: String = "s", vips: [String] = ["240.0.0.1"], target: UInt16 = 8080, names: [String] = [],
        waypoint: GatewayAddress? = nil, weighted: [WeightedWaypoint] = [], balancing: LoadBalancing = LoadBalancing(),
        families: IPFamilies = .automatic, visibility: ServiceVisibility = .everyone, namespace: String = "ns"
    ) -> Service {
        Service(
            name: hostname, namespace: namespace, hostname: hostname, addresses: vips.map { Mesh.vip($0) },
            ports: Mesh.ports(80, target), subjectAltNames: names, waypoint: waypoint, weightedWaypoints: weighted,
            loadBalancing: balancing, ipFamilies: families, visibility: visibility)
    }

    @Test func aServiceLeadsToItsEndpoint() throws {
        let service = Self.service(names: ["spiffe://other/ns/a/sa/b", "not-an-identity"])
        let endpoint = Mesh.workload("w", "10.0.0.2", services: [service.key: []])
        let route = try Self.hbone(Self.decide(Mesh.snapshot(.service(service), .workload(endpoint)), "240.0.0.1:80"))
        #expect(route.dial == Mesh.at("10.0.0.2:15008") && route.authority == "10.0.0.2:8080")
        #expect(route.service == service && route.destination == endpoint && !route.isWaypoint)
        #expect(route.expectedIdentities == ["spiffe://other/ns/a/sa/b", "spiffe://cluster.local/ns/ns/sa/w"])
    }

    @Test func endpointsMayHaveTheirOwnPort() throws {
        let service = Self.service()
        let snapshot = Mesh.snapshot(
            .service(service), .workload(Mesh.workload("w", "10.0.0.2", services: [service.key: Mesh.ports(80, 9999)])))
        #expect(try Self.hbone(Self.decide(snapshot, "240.0.0.1:80")).authority == "10.0.0.2:9999")
    }

    @Test func anApplicationTunnelDoesWithoutTargetPort() throws {
        let service = Self.service(target: 0)
        let plain = Mesh.workload("p", "10.0.0.2", services: [service.key: []])
        let tunnel = Mesh.workload(
            "t", "10.0.0.3", tunnelTo: ApplicationTunnel(preamble: .proxy, port: 15088), services: [service.key: []])
        #expect(
            Self.decide(Mesh.snapshot(.service(service), .workload(plain)), "240.0.0.1:80")
                == .refuse(.noHealthyUpstream(service.key)))
        #expect(
            try Self.hbone(Self.decide(Mesh.snapshot(.service(service), .workload(tunnel)), "240.0.0.1:80")).authority
                == "10.0.0.3:80")
    }

    @Test func aServiceWithoutEndpointsOrPortIsRefused() {
        let service = Self.service()
        let endpoint = Mesh.workload("w", "10.0.0.2", services: [service.key: []])
        #expect(
            Self.decide(Mesh.snapshot(.service(service)), "240.0.0.1:80") == .refuse(.noHealthyUpstream(service.key)))
        #expect(
            Self.decide(Mesh.snapshot(.service(service), .workload(endpoint)), "240.0.0.1:81")
                == .refuse(.noHealthyUpstream(service.key)))
        #expect(OutboundRefusal.noHealthyUpstream(service.key).description.hasPrefix("no healthy upstream"))
    }

    @Test func aServiceThatIsNotVisibleIsUnknown() {
        let snapshot = Mesh.snapshot(.service(Self.service(visibility: .namespace, namespace: "other")))
        #expect(Self.decide(snapshot, "240.0.0.1:80") == .passthrough(Mesh.at("240.0.0.1:80")))
    }

    @Test func aPassthroughServiceLeavesTheAddressAlone() throws {
        let service = Self.service(balancing: LoadBalancing(mode: .passthrough))
        let endpoint = Mesh.workload("w", "10.0.0.2", services: [service.key: []])
        let route = try Self.tcp(Self.decide(Mesh.snapshot(.service(service), .workload(endpoint)), "240.0.0.1:80"))
        #expect(route == TCPRoute(address: Mesh.at("240.0.0.1:80"), workload: nil, service: service))
    }

    @Test func aPassthroughServiceWithWaypointGoesToTheWaypoint() throws {
        let service = Self.service(waypoint: Mesh.gateway("10.0.0.9"), balancing: LoadBalancing(mode: .passthrough))
        let route = try Self.hbone(
            Self.decide(Mesh.snapshot(.service(service), .workload(Mesh.workload("wp", "10.0.0.9"))), "240.0.0.1:80"))
        #expect(route.isWaypoint && route.authority == "240.0.0.1:80")
    }

    @Test(arguments: [
        (IPFamilies.automatic, "240.0.0.1", "10.0.0.2"), (.automatic, "[2001:db8:1::1]", "2001:db8::2"),
        (.ipv4Only, "[2001:db8:1::1]", "10.0.0.2"), (.ipv6Only, "240.0.0.1", "2001:db8::2"),
        (.dual, "240.0.0.1", "10.0.0.2"),
        (.dual, "[2001:db8:1::1]", "2001:db8::2"),
    ])
    func families(_ families: IPFamilies, _ target: String, _ expected: String) throws {
        let service = Self.service(vips: ["240.0.0.1", "2001:db8:1::1"], families: families)
        let endpoint = Mesh.workload("w", "10.0.0.2", "2001:db8::2", services: [service.key: []])
        let route = try Self.hbone(Self.decide(Mesh.snapshot(.service(service), .workload(endpoint)), "\(target):80"))
        #expect(route.dial.ip == Mesh.ip(expected))
    }

    @Test func anotherFamilyIsBetterThanNone() throws {
        let service = Self.service(vips: ["240.0.0.1"])
        let endpoint = Mesh.workload("w", "2001:db8::2", services: [service.key: []])
        let route = try Self.hbone(Self.decide(Mesh.snapshot(.service(service), .workload(endpoint)), "240.0.0.1:80"))
        #expect(route.authority == "[2001:db8::2]:8080")
    }

    @Test func endpointsOfAForbiddenFamilyDoNotCount() throws {
        let service = Self.service(families: .ipv4Only)
        let six = Mesh.workload("six", "2001:db8::2", services: [service.key: []])
        let four = Mesh.workload("four", "10.0.0.2", services: [service.key: []])
        #expect(
            Self.decide(Mesh.snapshot(.service(service), .workload(six)), "240.0.0.1:80")
                == .refuse(.noHealthyUpstream(service.key)))
        for seed in 0..<20 as Range<UInt64> {
            let snapshot = Mesh.snapshot(.service(service), .workload(six), .workload(four))
            #expect(try Self.hbone(Self.decide(snapshot, "240.0.0.1:80", seed: seed)).destination == four)
        }
    }

    @Test func aWorkloadThatIsOnlyAHostNameIsRefusedByName() throws {
        let service = Self.service()
        let endpoint = Mesh.workload("w", tunnel: .tcp, hostname: "db.example", services: [service.key: []])
        #expect(
            Self.decide(Mesh.snapshot(.service(service), .workload(endpoint)), "240.0.0.1:80")
                == .refuse(.unresolvedHostname(workload: "ns/w", hostname: "db.example")))
    }

    @Test func triedEndpointsAreNotTriedAgain() throws {
        let service = Self.service()
        let snapshot = Mesh.snapshot(
            .service(service), .workload(Mesh.workload("a", "10.0.0.2", services: [service.key: []])),
            .workload(Mesh.workload("b", "10.0.0.3", services: [service.key: []])))
        for seed in 0..<20 as Range<UInt64> {
            #expect(
                try Self.hbone(Self.decide(snapshot, "240.0.0.1:80", excluding: ["a"], seed: seed)).destination?.uid
                    == "b")
        }
        #expect(
            Self.decide(snapshot, "240.0.0.1:80", excluding: ["a", "b"]) == .refuse(.noHealthyUpstream(service.key)))
    }

    // MARK: networks

    @Test func otherNetworksAreRefusedByName() throws {
        let service = Self.service()
        let remote = Mesh.workload(
            "r", "10.0.0.2", network: "remote", gateway: Mesh.gateway("192.0.2.1"), services: [service.key: []])
        let decision = Self.decide(Mesh.snapshot(.service(service), .workload(remote)), "240.0.0.1:80")
        #expect(decision == .refuse(.otherNetwork(destination: "ns/s", network: "remote")))
        guard case .refuse(let refusal) = decision else { return }
        #expect(refusal.description.contains("double HBONE") && refusal.description.contains("remote"))
    }

    @Test func endpointsOfThisNetworkArePreferred() throws {
        let service = Self.service()
        let remote = Mesh.workload(
            "r", "10.0.0.2", network: "remote", gateway: Mesh.gateway("192.0.2.1"), services: [service.key: []],
            capacity: 1000)
        let local = Mesh.workload("l", "10.0.0.3", services: [service.key: []])
        let snapshot = Mesh.snapshot(.service(service), .workload(remote), .workload(local))
        for seed in 0..<20 as Range<UInt64> {
            #expect(try Self.hbone(Self.decide(snapshot, "240.0.0.1:80", seed: seed)).destination == local)
        }
    }

    @Test func waypointsOfOtherNetworksAreRefusedByName() {
        let service = Self.service(waypoint: GatewayAddress(.hostname(Mesh.key("wp"))))
        let waypoint = Mesh.workload(
            "wp-1", "10.0.0.9", network: "remote", gateway: Mesh.gateway("192.0.2.1"), services: [Mesh.key("wp"): []])
        let snapshot = Mesh.snapshot(
            .service(service), .workload(waypoint),
            .service(Service(name: "wp", namespace: "ns", hostname: "wp", ports: Mesh.ports(15008, 15008))))
        #expect(
            Self.decide(snapshot, "240.0.0.1:80")
                == .refuse(.otherNetwork(destination: "waypoint ns/wp-1", network: "remote")))
    }

    // MARK: workload waypoints

    @Test func aWorkloadMayHaveAWaypoint() throws {
        let waypoint = Mesh.workload("wp", "10.0.0.9")
        let workload = Mesh.workload("w", "10.0.0.2", waypoint: Mesh.gateway("10.0.0.9"))
        let route = try Self.hbone(Self.decide(Mesh.snapshot(.workload(waypoint), .workload(workload)), "10.0.0.2:80"))
        #expect(
            route
                == HBONERoute(
                    dial: Mesh.at("10.0.0.9:15008"), authority: "10.0.0.2:80",
                    expectedIdentities: ["spiffe://cluster.local/ns/ns/sa/wp"], serverName: "wp.ns.cluster.local",
                    destination: waypoint, service: nil, isWaypoint: true))
    }

    @Test func theWaypointItselfGoesOn() throws {
        let waypoint = Mesh.workload("wp", "10.0.0.9")
        let workload = Mesh.workload("w", "10.0.0.2", waypoint: Mesh.gateway("10.0.0.9"))
        let snapshot = Mesh.snapshot(.workload(waypoint), .workload(workload))
        #expect(try Self.hbone(Self.decide(snapshot, "10.0.0.2:80", from: waypoint)).destination == workload)
        // Another workload of the same identity on another address is not the waypoint, nor is another identity on it.
        let twin = Workload(
            uid: "twin", name: "twin", namespace: "ns", addresses: [Mesh.ip("10.0.0.8")], serviceAccount: "wp")
        #expect(try Self.hbone(Self.decide(snapshot, "10.0.0.2:80", from: twin)).isWaypoint)
        let neighbour = Mesh.workload("neighbour", "10.0.0.9")
        #expect(try Self.hbone(Self.decide(snapshot, "10.0.0.2:80", from: neighbour)).isWaypoint)
    }

    @Test func aWorkloadWaypointIsNotForItsServices() throws {
        let service = Self.service()
        let workload = Mesh.workload("w", "10.0.0.2", waypoint: Mesh.gateway("10.0.0.9"), services: [service.key: []])
        let snapshot = Mesh.snapshot(
            .workload(Mesh.workload("wp", "10.0.0.9")), .workload(workload), .service(service))
        #expect(try !Self.hbone(Self.decide(snapshot, "240.0.0.1:80")).isWaypoint)
    }

    @Test func aWaypointThatIsNotKnownRefuses() {
        let workload = Mesh.workload("w", "10.0.0.2", waypoint: Mesh.gateway("10.0.0.9"))
        #expect(
            Self.decide(Mesh.snapshot(.workload(workload)), "10.0.0.2:80")
                == .refuse(.unknownWaypoint("/10.0.0.9:15008")))
        let service = Self.service(waypoint: GatewayAddress(.hostname(Mesh.key("wp"))))
        #expect(
            Self.decide(Mesh.snapshot(.service(service)), "240.0.0.1:80") == .refuse(.unknownWaypoint("ns/wp:15008")))
    }

    @Test func aWaypointOfTheOtherFamilyWillDo() throws {
        let waypoint = Mesh.workload("wp", "10.0.0.9")
        let workload = Mesh.workload("w", "2001:db8::2", waypoint: Mesh.gateway("10.0.0.9"))
        let route = try Self.hbone(
            Self.decide(Mesh.snapshot(.workload(waypoint), .workload(workload)), "[2001:db8::2]:80"))
        #expect(route.dial == Mesh.at("10.0.0.9:15008") && route.authority == "[2001:db8::2]:80")
    }

    // MARK: service waypoints

    static let waypointService = Service(
        name: "wp", namespace: "ns", hostname: "wp", addresses: [Mesh.vip("240.0.0.9")],
        ports: Mesh.ports(15008, 15008),
        subjectAltNames: ["spiffe://cluster.local/ns/ns/sa/waypoints"])

    @Test(arguments: [GatewayAddress(.hostname(Mesh.key("wp"))), Mesh.gateway("240.0.0.9")])
    func aServiceMayHaveAWaypointService(_ gateway: GatewayAddress) throws {
        let service = Self.service(waypoint: gateway)
        let waypoint = Mesh.workload("wp-1", "10.0.0.9", services: [Mesh.key("wp"): []])
        let snapshot = Mesh.snapshot(
            .service(service), .service(Self.waypointService), .workload(waypoint),
            .workload(Mesh.workload("w", "10.0.0.2", services: [service.key: []])))
        let route = try Self.hbone(Self.decide(snapshot, "240.0.0.1:80"))
        #expect(route.dial == Mesh.at("10.0.0.9:15008") && route.authority == "240.0.0.1:80")
        #expect(
            route.expectedIdentities == [
                "spiffe://cluster.local/ns/ns/sa/waypoints", "spiffe://cluster.local/ns/ns/sa/wp-1",
            ])
        #expect(route.service == service && route.isWaypoint && route.destination == waypoint)
        #expect(try Self.hbone(Self.decide(snapshot, "240.0.0.1:80", from: waypoint)).destination?.uid == "w")
    }

    @Test func aWaypointMayBeAWorkloadByHostName() throws {
        let service = Self.service(waypoint: GatewayAddress(.hostname(Mesh.key("wp.example")), port: 15009))
        let snapshot = Mesh.snapshot(
            .service(service), .workload(Mesh.workload("wp", "10.0.0.9", hostname: "wp.example")))
        #expect(try Self.hbone(Self.decide(snapshot, "240.0.0.1:80")).dial == Mesh.at("10.0.0.9:15009"))
    }

    @Test func aSandwichedWaypointNeedsNoPort() throws {
        let service = Self.service(waypoint: GatewayAddress(.hostname(Mesh.key("wp"))))
        let waypoint = Mesh.workload(
            "wp-1", "10.0.0.9", tunnelTo: ApplicationTunnel(preamble: .proxy, port: 15088),
            services: [Mesh.key("wp"): []])
        let snapshot = Mesh.snapshot(
            .service(service), .workload(waypoint), .service(Service(name: "wp", namespace: "ns", hostname: "wp")))
        #expect(try Self.hbone(Self.decide(snapshot, "240.0.0.1:80")).dial == Mesh.at("10.0.0.9:15008"))
    }

    @Test func waypointsAreTakenByWeight() throws {
        let service = Self.service(
            waypoint: Mesh.gateway("10.0.0.7"),
            weighted: [
                WeightedWaypoint(Mesh.gateway("10.0.0.8"), weight: 1),
                WeightedWaypoint(Mesh.gateway("10.0.0.9"), weight: 3),
                WeightedWaypoint(Mesh.gateway("10.0.0.7"), weight: 0),
            ])
        let snapshot = Mesh.snapshot(
            .service(service), .workload(Mesh.workload("a", "10.0.0.7")), .workload(Mesh.workload("b", "10.0.0.8")),
            .workload(Mesh.workload("c", "10.0.0.9")))
        var counts: [String: Int] = [:]
        for seed in 0..<2000 as Range<UInt64> {
            counts[
                try #require(Self.hbone(Self.decide(snapshot, "240.0.0.1:80", seed: seed)).destination?.uid), default: 0
            ] += 1
        }
        #expect(counts["a"] == nil)
        #expect((400...600).contains(counts["b"] ?? 0) && (1400...1600).contains(counts["c"] ?? 0))
    }

    @Test func withoutWeightsTheOneWaypointIsTaken() throws {
        let service = Self.service(
            waypoint: Mesh.gateway("10.0.0.7"), weighted: [WeightedWaypoint(Mesh.gateway("10.0.0.8"), weight: 0)])
        let snapshot = Mesh.snapshot(
            .service(service), .workload(Mesh.workload("a", "10.0.0.7")), .workload(Mesh.workload("b", "10.0.0.8")))
        #expect(try Self.hbone(Self.decide(snapshot, "240.0.0.1:80")).destination?.uid == "a")
    }

    /// An address that is both a workload's and a service's is the workload's where waypoints are concerned, and the
    /// service's where endpoints are.
    @Test func aWorkloadAddressIsNotServiceAddressed() throws {
        let service = Self.service(vips: ["10.0.0.2"], waypoint: Mesh.gateway("10.0.0.9"))
        let workload = Mesh.workload("w", "10.0.0.2", services: [service.key: []])
        let snapshot = Mesh.snapshot(
            .service(service), .workload(workload), .workload(Mesh.workload("wp", "10.0.0.9")))
        let route = try Self.hbone(Self.decide(snapshot, "10.0.0.2:80"))
        #expect(!route.isWaypoint && route.authority == "10.0.0.2:8080" && route.service == service)
    }
}
