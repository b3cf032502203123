import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// Z 1.2: which names the mesh answers, and with what. The client is in namespace ns1.
@Suite struct DNSResponderTests {
    static let client = Mesh.workload("client", "10.0.0.1", namespace: "ns1")

    static func service(
        _ hostname: String, _ namespace: String, _ vips: [String], network: String = "",
        families: IPFamilies = .automatic,
        canonical: Bool = false, visibility: ServiceVisibility = .everyone, ranges: [NetworkRange] = []
    ) -> MeshUpdate {
        .service(
            Service(
                name: hostname, namespace: namespace, hostname: hostname,
                addresses: vips.map { Mesh.vip($0, network: network) }, ranges: ranges, ports: Mesh.ports(80, 80),
                ipFamilies: families,
                isCanonical: canonical, visibility: visibility))
    }

    static let headless: [ServiceName: [ServicePort]] = [
        ServiceName(namespace: "ns1", hostname: "headless.ns1.svc.cluster.local"): []
    ]

    static let updates: [MeshUpdate] = [
        service("productpage.ns1.svc.cluster.local", "ns1", ["9.9.9.9"]),
        service("productpage.ns2.svc.cluster.local", "ns2", ["9.9.9.10"]),
        service("dual.ns1.svc.cluster.local", "ns1", ["240.0.0.1", "2001:db8::1"]),
        service("many.ns1.svc.cluster.local", "ns1", ["240.0.1.1", "240.0.1.2", "240.0.1.3"]),
        service("only4.ns1.svc.cluster.local", "ns1", ["240.0.0.2", "2001:db8::2"], families: .ipv4Only),
        service("only6.ns1.svc.cluster.local", "ns1", ["240.0.0.3", "2001:db8::3"], families: .ipv6Only),
        service("remote.ns1.svc.cluster.local", "ns1", ["240.0.0.4"], network: "other"),
        service("www.google.com", "ns1", ["1.1.1.1"]),
        service("*.wild.com", "ns1", ["2.2.2.2"]),
        service("exact.wild.com", "ns1", ["2.2.2.3"]),
        service("*.svc.mesh.company.net", "ns1", ["2.2.2.4"]),
        service("api.ns1.mesh", "ns1", ["2.2.2.5"]),
        // several services of one name
        service("shared.com", "ns1", ["3.3.3.1"]), service("shared.com", "ns2", ["3.3.3.2"], canonical: true),
        service("elsewhere.com", "ns2", ["3.3.4.1"]), service("elsewhere.com", "ns3", ["3.3.4.2"], canonical: true),
        service("tie.com", "ns2", ["3.3.5.1"]), service("tie.com", "ns3", ["3.3.5.2"]),
        service("hidden.com", "ns2", ["3.3.6.1"], visibility: .namespace),
        service("visible.com", "ns1", ["3.3.7.1"], visibility: .namespace),
        // without addresses
        service("external.com", "ns1", []),
        service("headless.ns1.svc.cluster.local", "ns1", []),
        service("empty.ns1.svc.cluster.local", "ns1", []),
        service(
            "range.com", "ns1", [], ranges: [NetworkRange(network: "", range: CIDR(host: IPAddress(ipv4: 5, 5, 5, 5)))]),
        .workload(Mesh.workload("h1", "10.1.0.1", "2001:db8:1::1", services: headless)),
        .workload(Mesh.workload("h2", "10.1.0.2", "10.1.0.22", services: headless)),
        .workload(Mesh.workload("h3", "10.1.0.3", services: headless, health: .unhealthy)),
        .workload(Mesh.workload("h4", "10.1.0.4", network: "other", services: headless)),
    ]

    static let snapshot: MeshSnapshot = {
        var builder = SnapshotBuilder()
        return builder.apply(updates: updates)
    }()

    static func respond(
        _ message: [UInt8], transport: DNSTransport = .udp, settings: DNSSettings = DNSSettings(),
        snapshot: MeshSnapshot = snapshot, seed: UInt64 = 1
    ) -> DNSReaction {
        var random = SeededGenerator(seed: seed)
        return DNSResponder.respond(
            to: message, transport: transport, client: client, snapshot: snapshot, settings: settings, random: &random)
    }

    static func read(_ reaction: DNSReaction) throws -> Reading {
        guard case .reply(let bytes, _, _, _) = reaction else {
            Issue.record("no reply: \(reaction)")
            throw Unexpected()
        }
        return try #require(Reading(bytes))
    }

    struct Unexpected: Error {}

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let type: UInt16
        /// The answers without times, sorted; nil is passed on.
        let expected: [String]?

        init(_ name: String, _ expected: [String]?, type: UInt16 = 1) {
            self.name = name
            self.type = type
            self.expected = expected
        }

        var testDescription: String { "\(name) \(type == 1 ? "A" : type == 28 ? "AAAA" : "\(type)")" }
    }

    static let product = "productpage.ns1.svc.cluster.local"

    static let cases: [Case] = [
        // forms of one name
        Case(product, ["\(product) A 9.9.9.9"]),
        Case("productpage.ns1.svc", ["productpage.ns1.svc A 9.9.9.9"]),
        Case("productpage.ns1", ["productpage.ns1 A 9.9.9.9"]),
        Case("productpage", ["productpage A 9.9.9.9"]),
        Case("productpage.ns2", ["productpage.ns2 A 9.9.9.10"]),
        Case("productpage.ns2.svc", ["productpage.ns2.svc A 9.9.9.10"]),
        Case("ProductPage.NS1", ["ProductPage.NS1 A 9.9.9.9"]),
        Case("productpage.ns3", nil), Case("productpage.ns1.svc.cluster", nil), Case("nothing", nil),
        // through search domains
        Case("www.google.com", ["www.google.com A 1.1.1.1"]),
        Case(
            "www.google.com.ns1.svc.cluster.local",
            ["www.google.com A 1.1.1.1", "www.google.com.ns1.svc.cluster.local CNAME www.google.com"]),
        Case(
            "www.google.com.svc.cluster.local",
            ["www.google.com A 1.1.1.1", "www.google.com.svc.cluster.local CNAME www.google.com"]),
        Case(
            "www.google.com.cluster.local",
            ["www.google.com A 1.1.1.1", "www.google.com.cluster.local CNAME www.google.com"]),
        Case("www.google.com.other.local", nil),
        Case(
            "productpage.ns2.ns1.svc.cluster.local",
            ["productpage.ns2 A 9.9.9.10", "productpage.ns2.ns1.svc.cluster.local CNAME productpage.ns2"]),
        Case(
            "productpage.ns2.svc.ns1.svc.cluster.local",
            ["productpage.ns2.svc A 9.9.9.10", "productpage.ns2.svc.ns1.svc.cluster.local CNAME productpage.ns2.svc"]),
        Case(
            "productpage.ns1.svc.cluster.local.ns1.svc.cluster.local",
            ["\(product) A 9.9.9.9", "productpage.ns1.svc.cluster.local.ns1.svc.cluster.local CNAME \(product)"]),
        Case("ns1.svc.cluster.local", nil), Case("cluster.local", nil),
        // wildcards
        Case("a.wild.com", ["a.wild.com A 2.2.2.2"]), Case("a.b.c.wild.com", ["a.b.c.wild.com A 2.2.2.2"]),
        Case("exact.wild.com", ["exact.wild.com A 2.2.2.3"]), Case("a.exact.wild.com", ["a.exact.wild.com A 2.2.2.2"]),
        Case("wild.com", nil), Case("awild.com", nil),
        Case("a.wild.com.ns1.svc.cluster.local", ["a.wild.com.ns1.svc.cluster.local A 2.2.2.2"]),
        Case("foo.svc.mesh.company.net", ["foo.svc.mesh.company.net A 2.2.2.4"]),
        Case("foo.ns1.svc.mesh.company.net", ["foo.ns1.svc.mesh.company.net A 2.2.2.4"]),
        Case("*.wild.com", ["*.wild.com A 2.2.2.2"]),
        Case("api.ns1.mesh", ["api.ns1.mesh A 2.2.2.5"]),
        // several services of one name
        Case("shared.com", ["shared.com A 3.3.3.1"]), Case("elsewhere.com", ["elsewhere.com A 3.3.4.2"]),
        Case("tie.com", ["tie.com A 3.3.5.1"]), Case("hidden.com", nil), Case("visible.com", ["visible.com A 3.3.7.1"]),
        // families
        Case("dual", ["dual A 240.0.0.1"]), Case("dual", ["dual AAAA 2001:db8::1"], type: 28),
        Case("productpage", [], type: 28), Case("only4", ["only4 A 240.0.0.2"]), Case("only4", [], type: 28),
        Case("only6", []), Case("only6", ["only6 AAAA 2001:db8::3"], type: 28), Case("remote", []),
        Case("www.google.com.ns1.svc.cluster.local", [], type: 28),
        Case("many", ["many A 240.0.1.1", "many A 240.0.1.2", "many A 240.0.1.3"]),
        // without addresses
        Case("external.com", nil), Case("range.com", nil), Case("empty", []),
        Case("headless", ["headless A 10.1.0.1", "headless A 10.1.0.2"]),
        Case(
            "headless.ns1.svc.cluster.local",
            ["headless.ns1.svc.cluster.local A 10.1.0.1", "headless.ns1.svc.cluster.local A 10.1.0.2"]),
        Case("headless", ["headless AAAA 2001:db8:1::1"], type: 28),
        // other types
        Case("productpage", nil, type: 15), Case("productpage", nil, type: 65), Case("productpage", nil, type: 255),
        Case("", nil),
    ]

    @Test(arguments: cases) func lookup(_ test: Case) throws {
        let reaction = Self.respond(Packet.query(test.name, type: test.type))
        guard let expected = test.expected else {
            guard case .forward(let query) = reaction else {
                Issue.record("answered: \(reaction)")
                return
            }
            #expect(query.name == test.name.lowercased() && query.type.rawValue == test.type)
            return
        }
        let reading = try Self.read(reaction)
        #expect(reading.answers.map { String($0.dropLast(3)) }.sorted() == expected)
        #expect(reading.answers.allSatisfy { $0.hasSuffix(" 30") }, "TTL")
        #expect(reading.id == 0x1234 && reading.question == "\(test.name) \(test.type) 1")
        #expect(reading.flags == 0x8580, "QR, AA, RD, RA, NOERROR")
        #expect(reading.payload == nil)
    }

    @Test func theAliasComesFirst() throws {
        let reading = try Self.read(Self.respond(Packet.query("www.google.com.ns1.svc.cluster.local")))
        #expect(reading.answers.first?.contains("CNAME") == true)
    }

    @Test func addressesAreShuffled() throws {
        var orders: Set<[String]> = []
        for seed in 0..<50 as Range<UInt64> {
            orders.insert(try Self.read(Self.respond(Packet.query("many"), seed: seed)).values)
        }
        #expect(orders.count == 6)
    }

    @Test func withoutIPv6AnswersAreEmpty() throws {
        let reading = try Self.read(
            Self.respond(Packet.query("dual", type: 28), settings: DNSSettings(isIPv6Enabled: false)))
        #expect(reading.answers.isEmpty && reading.code == 0)
    }

    @Test func thePreferredNamespaceBreaksTies() throws {
        func answer(_ name: String) throws -> [String] {
            try Self.read(Self.respond(Packet.query(name), settings: DNSSettings(preferredNamespace: "ns3"))).values
        }
        #expect(try answer("tie.com") == ["3.3.5.2"])
        #expect(try answer("shared.com") == ["3.3.3.1"], "the client's own namespace is before it")
    }

    @Test func otherDomains() throws {
        var builder = SnapshotBuilder()
        let snapshot = builder.apply(updates: [
            Self.service("a.ns1.svc.example.org", "ns1", ["4.4.4.4"]), Self.service("b.ns1.svc.example.org", "ns1", []),
            Self.service("c.ns1.svc.cluster.local", "ns1", []),
        ])
        func reaction(_ name: String, _ settings: DNSSettings) -> DNSReaction {
            Self.respond(Packet.query(name), settings: settings, snapshot: snapshot)
        }
        let settings = DNSSettings(clusterDomain: "example.org")
        #expect(try Self.read(reaction("a", settings)).values == ["4.4.4.4"])
        #expect(try Self.read(reaction("b", settings)).answers.isEmpty, "headless")
        guard case .forward = reaction("c.ns1.svc.cluster.local", settings) else {
            Issue.record("the domain is another's")
            return
        }
        let searching = DNSSettings(clusterDomain: "example.org", searchDomains: ["Corp.Example", "", "."])
        #expect(try Self.read(reaction("a.corp.example", searching)).answers.count == 2)
        guard case .forward = reaction("a.ns1.svc.example.org.ns1.svc.example.org", searching) else {
            Issue.record("no other search domains than those given")
            return
        }
    }

    @Test func theServiceAndItsAddressesAreTold() {
        guard case .reply(_, let question, let service, let addresses) = Self.respond(Packet.query("productpage"))
        else {
            Issue.record("no reply")
            return
        }
        #expect(question?.name == "productpage" && question?.type.description == "A")
        #expect(service?.hostname == Self.product && addresses.map(\.description) == ["9.9.9.9"])
    }
}
