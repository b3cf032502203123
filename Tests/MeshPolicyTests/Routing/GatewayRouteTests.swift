import MeshModel
import MeshPolicy
import Testing

@Suite("Routes of gateways (I 1.3, 2.1)")
struct GatewayRouteTests {
    static func table(
        _ virtualServices: [String], hosts: [String] = ["*"], namespace: String = "shop"
    ) throws -> GatewayRouteTable {
        GatewayRouteTable(
            gateway: try Mesh.sources(virtualServices, namespace: namespace),
            listeners: [
                GatewayListener(namespace: "shop", name: "ingress", port: 80, hosts: hosts),
                GatewayListener(namespace: "shop", name: "other", port: 81, hosts: ["*"]),
            ], Mesh.engine)
    }

    static func outcome(
        _ table: GatewayRouteTable, _ authority: String, path: String = "/", port: UInt16 = 80
    ) -> String {
        let bytes = Array(authority.utf8)
        return table.http(port: port, authority: bytes.span)?
            .outcome(Request(path, method: "GET", authority: authority), RequestFacts(port: port)) ?? "none"
    }

    static func vs(_ host: String, _ status: Int, namespace: String = "shop", match: String = "") -> String {
        #"{"metadata":{"namespace":"\#(namespace)","name":"vs\#(status)"},"spec":{"hosts":["\#(host)"],"gateways":["shop/ingress"],"http":[{\#(match)"directResponse":{"status":\#(status)}}]}}"#
    }

    @Test("the most specific host of a request's authority, whose port, case and final dot do not count")
    func hosts() throws {
        let table = try Self.table([
            Self.vs("*", 201), Self.vs("*.foo.com", 202), Self.vs("a.foo.com", 203), Self.vs("*.b.foo.com", 204),
        ])
        for (authority, outcome) in [
            ("x", "201"), ("foo.com", "201"), ("q.foo.com:80", "202"), ("a.foo.com", "203"), ("A.FOO.com.:8080", "203"),
            ("x.b.foo.com", "204"), ("b.foo.com", "202"), ("", "201"), ("[::1]:80", "201"), (".foo.com", "201"),
        ] {
            #expect(Self.outcome(table, authority) == outcome, "\(authority)")
        }
        #expect(Self.outcome(table, "x", port: 81) == "none")
        #expect(Self.outcome(table, "x", port: 82) == "none")
    }

    @Test("a server's hosts bound what may be routed, and from which namespace")
    func serverHosts() throws {
        let narrow = try Self.table([Self.vs("*", 201)], hosts: ["a.foo.com"])
        #expect(Self.outcome(narrow, "a.foo.com") == "201")
        #expect(Self.outcome(narrow, "b.foo.com") == "none")
        let own = try Self.table([Self.vs("*", 201, namespace: "evil")], hosts: ["./*"])
        #expect(Self.outcome(own, "x") == "none")
        let named = try Self.table([Self.vs("*", 201, namespace: "app")], hosts: ["app/*"])
        #expect(Self.outcome(named, "x") == "201")
        let any = try Self.table([Self.vs("*", 201, namespace: "app")], hosts: ["*/*"])
        #expect(Self.outcome(any, "x") == "201")
    }

    @Test("gateways in the older form NAME.NAMESPACE", arguments: ["ingress.shop", "ingress.shop.svc.cluster.local"])
    func olderName(gateway: String) throws {
        let table = try Self.table([
            #"{"metadata":{"namespace":"app","name":"v"},"spec":{"hosts":["*"],"gateways":["\#(gateway)"],"http":[{"directResponse":{"status":201}}]}}"#
        ])
        #expect(Self.outcome(table, "x") == "201")
    }

    @Test(
        "several VirtualServices of one host are one, with what catches everything last",
        arguments: [
            "", #""match":[{"uri":{"regex":".*"}}],"#, #""match":[{"port":80}],"#,
            #""match":[{"uri":{"prefix":"/"}}],"#,
        ])
    func merging(everything: String) throws {
        let table = try Self.table([
            Self.vs("a.com", 201, match: everything),
            Self.vs("a.com", 202, match: #""match":[{"uri":{"prefix":"/x"}}],"#),
        ])
        #expect(Self.outcome(table, "a.com", path: "/x") == "202")
        #expect(Self.outcome(table, "a.com", path: "/y") == "201")
    }

    @Test("tls routes by the most specific server name, tcp routes by port and address")
    func connections() throws {
        var random = SplitMix64(seed: 1)
        let table = try Self.table([
            #"{"hosts":["*"],"gateways":["ingress"],"tls":[{"match":[{"sniHosts":["*.foo.com"]}],"route":[{"destination":{"host":"ratings"}}]},{"match":[{"sniHosts":["a.foo.com"]}],"route":[{"destination":{"host":"reviews"}}]}],"tcp":[{"match":[{"port":80,"destinationSubnets":["10.0.0.0/8"]}],"route":[{"destination":{"host":"details"}}]}]}"#
        ])
        let tls = try #require(table.tls(port: 80))
        func host(_ decision: ConnectionDecision) -> String {
            if case .forward(let key, _) = decision { return String(key.service.hostname.prefix { $0 != "." }) }
            return "\(decision)"
        }
        let facts = RequestFacts(port: 80, destination: IPAddress(ipv4: 10, 1, 1, 1))
        #expect(host(tls.decide(serverName: "a.foo.com", facts, &random)) == "reviews")
        #expect(host(tls.decide(serverName: "B.foo.com", facts, &random)) == "ratings")
        #expect(tls.decide(serverName: "bar.com", facts, &random) == .noRoute)
        #expect(tls.decide(serverName: nil, facts, &random) == .noRoute)
        let tcp = try #require(table.tcp(port: 80))
        #expect(host(tcp.decide(facts, &random)) == "details")
        #expect(tcp.decide(RequestFacts(port: 80, destination: IPAddress(ipv4: 11, 1, 1, 1)), &random) == .noRoute)
        #expect(tcp.decide(RequestFacts(port: 80), &random) == .noRoute)
        #expect(
            Set(table.clusters.map { $0.service.hostname.prefix { $0 != "." } }) == ["reviews", "ratings", "details"])
    }
}
