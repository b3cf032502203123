import HTTPWire
import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// Z 4.1 and 4.2, case by case. The workload is 10.0.0.2 of namespace ns.
@Suite struct InboundDecisionTests {
    static let service = Service(
        name: "s", namespace: "ns", hostname: "s.example",
        addresses: [Mesh.vip("2001:db8:1::1"), Mesh.vip("240.0.0.1")],
        ports: [ServicePort(port: 80, targetPort: 8080), ServicePort(port: 90, targetPort: 0)])
    static let local = Mesh.workload(
        "w", "10.0.0.2", "2001:db8::2", services: [service.key: [ServicePort(port: 80, targetPort: 0)]])

    static func decide(
        _ authority: String, local: Workload = local, ports: Set<UInt16>? = nil, at destination: String = "10.0.0.2",
        forwarded: String? = nil, loopback: Bool = true, also: [MeshUpdate] = []
    ) throws -> InboundDecision {
        var builder = SnapshotBuilder()
        return decideInbound(
            snapshot: builder.apply(updates: [.service(service), .workload(local)] + also), local: local,
            ports: ports, connectionDestination: Mesh.ip(destination),
            authority: try HBONEAuthority(parsing: authority),
            forwardedHost: forwarded, localhostApplicationTunnel: loopback)
    }

    static func forwards(_ decision: InboundDecision) throws -> InboundRoute {
        guard case .forward(let route) = decision else {
            Issue.record("not forwarded: \(decision)")
            throw Unexpected()
        }
        return route
    }

    struct Unexpected: Error {}

    // MARK: addresses

    @Test(arguments: [
        ("10.0.0.2:80", "10.0.0.2"), ("[2001:db8::2]:80", "2001:db8::2"), ("10.0.0.2:80", "::ffff:10.0.0.2"),
        ("[::ffff:10.0.0.2]:80", "10.0.0.2"),
    ])
    func itsOwnAddress(_ authority: String, _ destination: String) throws {
        let route = try Self.forwards(Self.decide(authority, at: destination))
        let expected = TransportAddress(ip: Mesh.ip(destination).unmapped, port: 80)
        #expect(route.destination == expected && route.upstream == expected && route.proxyDestination == nil)
    }

    @Test(arguments: ["10.0.0.3:80", "240.0.0.1:80", "[2001:db8::2]:80", "[::ffff:10.0.0.3]:80"])
    func anotherAddress(_ authority: String) throws {
        let decision = try Self.decide(authority)
        guard case .refuse(let refusal) = decision else {
            Issue.record("forwarded: \(decision)")
            return
        }
        #expect(refusal.status == 400)
        #expect(refusal.description.hasPrefix("ip mismatch: ") && refusal.description.hasSuffix(" != 10.0.0.2"))
    }

    @Test(arguments: [15001, 15006, 15008]) func itself(_ port: Int) throws {
        #expect(try Self.decide("10.0.0.2:\(port)") == .refuse(.selfCall))
        #expect(InboundRefusal.selfCall.status == 503)
    }

    // MARK: shared addresses (D4)

    @Test(arguments: [("10.0.0.2:80", 80), ("10.0.0.2:443", 443), ("s.example:80", 8080)])
    func onAHostItsOwnPorts(_ authority: String, _ port: UInt16) throws {
        #expect(
            try Self.forwards(Self.decide(authority, ports: [80, 443, 8080])).upstream == Mesh.at("10.0.0.2:\(port)"))
    }

    @Test(arguments: [("10.0.0.2:22", 22), ("s.example:80", 8080), ("10.0.0.2:15008", 15008)])
    func onAHostAPortOfAnother(_ authority: String, _ port: UInt16) throws {
        let decision = try Self.decide(authority, ports: [80])
        #expect(decision == .refuse(.foreignPort(port, workload: "ns/w")))
        #expect(InboundRefusal.foreignPort(port, workload: "ns/w").status == 400)
    }

    @Test func onAHostThePortOfTheApplicationTunnelMustBeItsOwn() throws {
        let local = Mesh.workload("w", "10.0.0.2", tunnelTo: ApplicationTunnel(preamble: .none, port: 9000))
        #expect(try Self.forwards(Self.decide("10.0.0.7:80", local: local, ports: [9000])).upstream.port == 9000)
        #expect(
            try Self.decide("10.0.0.7:80", local: local, ports: [80])
                == .refuse(.foreignPort(9000, workload: "ns/w")))
    }

    @Test func aGatewayOfAnotherIdentityOnTheAddressIsNotThisWorkload() throws {
        let gateway = Mesh.gateway("10.0.0.2")
        let behind = Mesh.workload("x", "10.0.0.7", waypoint: gateway)
        #expect(try Self.forwards(Self.decide("10.0.0.7:80", also: [.workload(behind)])).upstream.port == 80)
        // By rank the address means "a" now.
        let other = Mesh.workload("a", "10.0.0.2")
        #expect(
            try Self.decide("10.0.0.7:80", also: [.workload(behind), .workload(other)])
                == .refuse(.addressMismatch(authority: Mesh.ip("10.0.0.7"), connection: Mesh.ip("10.0.0.2"))))
    }

    // MARK: host names

    @Test func aHostNameLeadsToTheTargetPort() throws {
        #expect(try Self.forwards(Self.decide("s.example:80")).upstream == Mesh.at("10.0.0.2:8080"))
    }

    @Test func aHostNameLeadsToTheWorkloadsOwnPort() throws {
        let local = Mesh.workload("w", "10.0.0.2", services: [Self.service.key: Mesh.ports(80, 9999)])
        #expect(try Self.forwards(Self.decide("s.example:80", local: local)).upstream == Mesh.at("10.0.0.2:9999"))
    }

    @Test(arguments: [81, 90]) func aHostNameWithAPortThatLeadsNowhere(_ port: UInt16) throws {
        let decision = try Self.decide("s.example:\(port)")
        #expect(decision == .refuse(.unknownPort(service: Self.service.key, port: port)))
        let refusal = InboundRefusal.unknownPort(service: Self.service.key, port: port)
        #expect(refusal.status == 503)
        #expect(refusal.description == "requested service ns/s.example:\(port) found, but cannot resolve port")
    }

    @Test func anUnknownHostName() throws {
        #expect(try Self.decide("other.example:80") == .refuse(.unknownHostname("other.example")))
        #expect(InboundRefusal.unknownHostname("h").status == 503)
    }

    @Test func aHostNameThatIsNotVisible() throws {
        let hidden = Service(
            name: "h", namespace: "other", hostname: "h.example", ports: Mesh.ports(80, 80), visibility: .namespace)
        #expect(try Self.decide("h.example:80", also: [.service(hidden)]) == .refuse(.unknownHostname("h.example")))
    }

    @Test func aHostNameOfSeveralServices() throws {
        let canonical = Service(
            name: "s", namespace: "other", hostname: "s.example", ports: Mesh.ports(80, 1111), isCanonical: true)
        #expect(try Self.forwards(Self.decide("s.example:80", also: [.service(canonical)])).upstream.port == 8080)
    }

    @Test func itsOwnHostName() throws {
        let local = Mesh.workload("w", "10.0.0.2", hostname: "w.example")
        #expect(try Self.forwards(Self.decide("w.example:81", local: local)).upstream == Mesh.at("10.0.0.2:81"))
    }

    @Test func aHostNameThatLeadsToTheZtunnel() throws {
        let local = Mesh.workload("w", "10.0.0.2", services: [Self.service.key: Mesh.ports(80, 15008)])
        #expect(try Self.decide("s.example:80", local: local) == .refuse(.selfCall))
    }

    // MARK: waypoints

    static let waypointService = Service(name: "wp", namespace: "ns", hostname: "wp", ports: Mesh.ports(15008, 15008))
    static let waypoint = Mesh.workload("wp", "10.0.0.9", services: [waypointService.key: []])

    @Test(arguments: [GatewayAddress(.hostname(Mesh.key("wp"))), Mesh.gateway("10.0.0.9")])
    func aWaypointTakesWhatIsBehindIt(_ gateway: GatewayAddress) throws {
        let behind = Service(
            name: "b", namespace: "ns", hostname: "b", addresses: [Mesh.vip("240.0.0.2")], ports: Mesh.ports(80, 80),
            waypoint: gateway)
        let workload = Mesh.workload("x", "10.0.0.7", waypoint: gateway)
        let also: [MeshUpdate] = [.service(Self.waypointService), .service(behind), .workload(workload)]
        for authority in ["240.0.0.2:80", "10.0.0.7:80"] {
            let route = try Self.forwards(Self.decide(authority, local: Self.waypoint, at: "10.0.0.9", also: also))
            #expect(route.upstream == Mesh.at("10.0.0.9:80"), "the address is always the connection's")
        }
        #expect(
            try Self.decide("240.0.0.1:80", local: Self.waypoint, at: "10.0.0.9", also: also)
                == .refuse(.addressMismatch(authority: Mesh.ip("240.0.0.1"), connection: Mesh.ip("10.0.0.9"))),
            "a service with no waypoint, or another one")
    }

    @Test func aWeightedWaypointTakesWhatIsBehindIt() throws {
        func behind(weight: UInt32) -> Service {
            Service(
                name: "b", namespace: "ns", hostname: "b", addresses: [Mesh.vip("240.0.0.2")],
                ports: Mesh.ports(80, 80),
                weightedWaypoints: [WeightedWaypoint(Mesh.gateway("10.0.0.9"), weight: weight)])
        }
        _ = try Self.forwards(
            Self.decide("240.0.0.2:80", local: Self.waypoint, at: "10.0.0.9", also: [.service(behind(weight: 1))]))
        #expect(
            try Self.decide("240.0.0.2:80", local: Self.waypoint, at: "10.0.0.9", also: [.service(behind(weight: 0))])
                == .refuse(.addressMismatch(authority: Mesh.ip("240.0.0.2"), connection: Mesh.ip("10.0.0.9"))))
    }

    // MARK: application tunnels

    static func tunnelled(_ tunnel: ApplicationTunnel) -> Workload {
        Mesh.workload("t", "10.0.0.4", "2001:db8::4", tunnelTo: tunnel, services: [service.key: []])
    }

    @Test func aTunnelTakesAnyAddress() throws {
        let local = Self.tunnelled(ApplicationTunnel(preamble: .none))
        let route = try Self.forwards(Self.decide("240.0.0.1:80", local: local, at: "10.0.0.4"))
        #expect(route.upstream == Mesh.at("10.0.0.4:80") && route.proxyDestination == nil)
    }

    @Test func aTunnelMayChooseThePort() throws {
        let local = Self.tunnelled(ApplicationTunnel(preamble: .none, port: 15088))
        let route = try Self.forwards(Self.decide("240.0.0.1:80", local: local, at: "10.0.0.4"))
        #expect(route.upstream == Mesh.at("10.0.0.4:15088") && route.destination == route.upstream)
    }

    @Test func aPreambleGoesToLoopback() throws {
        let local = Self.tunnelled(ApplicationTunnel(preamble: .proxy, port: 15088))
        var route = try Self.forwards(Self.decide("240.0.0.1:80", local: local, at: "10.0.0.4"))
        #expect(route.upstream == Mesh.at("127.0.0.1:15088") && route.destination == Mesh.at("10.0.0.4:15088"))
        #expect(route.proxyDestination == Mesh.at("240.0.0.1:80"))
        route = try Self.forwards(Self.decide("240.0.0.1:80", local: local, at: "2001:db8::4"))
        #expect(route.upstream == Mesh.at("[::1]:15088"))
        route = try Self.forwards(Self.decide("240.0.0.1:80", local: local, at: "10.0.0.4", loopback: false))
        #expect(route.upstream == Mesh.at("10.0.0.4:15088"))
    }

    @Test func aPreambleNamesTheAddressOfTheService() throws {
        let local = Self.tunnelled(ApplicationTunnel(preamble: .proxy, port: 15088))
        let route = try Self.forwards(Self.decide("s.example:80", local: local, at: "10.0.0.4"))
        #expect(route.proxyDestination == Mesh.at("240.0.0.1:80"), "IPv4 first, with the service's port")
        let headless = Service(name: "h", namespace: "ns", hostname: "h.example", ports: Mesh.ports(80, 80))
        #expect(
            try Self.decide("h.example:80", local: local, at: "10.0.0.4", also: [.service(headless)])
                == .refuse(.noServiceAddress(headless.key)))
    }

    // MARK: shared addresses

    @Test func aSharedAddressNeedsAPortOfTheWorkload() throws {
        let neighbour = Mesh.workload("n", "10.0.0.2", services: [Mesh.key("n"): Mesh.ports(5432, 5432)])
        #expect(try Self.forwards(Self.decide("10.0.0.2:8080", also: [.workload(neighbour)])).upstream.port == 8080)
        #expect(try Self.forwards(Self.decide("s.example:80", also: [.workload(neighbour)])).upstream.port == 8080)
        for port in [5432, 22] as [UInt16] {
            let decision = try Self.decide("10.0.0.2:\(port)", also: [.workload(neighbour)])
            #expect(decision == .refuse(.foreignPort(port, workload: "ns/w")))
            #expect(InboundRefusal.foreignPort(port, workload: "ns/w").status == 400)
        }
        #expect(try Self.forwards(Self.decide("10.0.0.2:22")).upstream.port == 22, "alone on its address, any port")
    }

    // MARK: accounting

    @Test func theConnectionIsAccountedToAService() throws {
        let other = Service(name: "a", namespace: "ns", hostname: "a.example", ports: Mesh.ports(81, 8080))
        let foreign = Service(name: "f", namespace: "ns", hostname: "f.example", ports: Mesh.ports(80, 8080))
        let local = Mesh.workload("w", "10.0.0.2", services: [Self.service.key: [], other.key: []])
        let also: [MeshUpdate] = [.service(other), .service(foreign)]
        func service(_ authority: String, _ forwarded: String?) throws -> String? {
            try Self.forwards(Self.decide(authority, local: local, forwarded: forwarded, also: also)).service?.hostname
        }
        #expect(try service("10.0.0.2:8080", nil) == "a.example", "the first whose target port it is")
        #expect(try service("10.0.0.2:8080", "s.example") == "s.example")
        #expect(try service("10.0.0.2:8080", "f.example") == "a.example", "not a service of this workload")
        #expect(try service("10.0.0.2:9", nil) == nil)
    }
}
