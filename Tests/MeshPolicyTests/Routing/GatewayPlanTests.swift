import MeshModel
import MeshPolicy
import Testing

@Suite("What a gateway opens (I 1.3)")
struct GatewayPlanTests {
    static let labels = ["istio": "in", "app": "in"]

    static func plan(_ specs: [String], labels: [String: String] = Self.labels) throws -> GatewayPlan {
        let gateways = try specs.enumerated().map { index, text in
            Configured(
                namespace: "shop", name: "g\(index)", creationTimestamp: "2026-01-01T00:00:0\(index)Z",
                spec: try GatewaySpec(try Mesh.document(text)))
        }
        return GatewayPlan(gateways, labels: labels)
    }

    static func gateway(_ servers: String, selector: String = #"{"istio":"in"}"#) -> String {
        #"{"selector":\#(selector),"servers":[\#(servers)]}"#
    }

    static func server(_ port: Int, _ spoken: String, _ hosts: String, _ more: String = "") -> String {
        #"{"port":{"number":\#(port),"name":"p","protocol":"\#(spoken)"},"hosts":\#(hosts)\#(more)}"#
    }

    static func tls(_ mode: String, _ more: String = "") -> String { #","tls":{"mode":"\#(mode)"\#(more)}"# }

    @Test("only Gateways whose selector it has open ports")
    func selection() throws {
        let plan = try Self.plan([
            Self.gateway(Self.server(80, "HTTP", #"["*"]"#)),
            Self.gateway(Self.server(81, "HTTP", #"["*"]"#), selector: #"{"istio":"out"}"#),
            Self.gateway(Self.server(82, "TCP", #"["*"]"#), selector: #"{"istio":"in","app":"in"}"#),
        ])
        #expect(Set(plan.ports.keys.map(\.number)) == [80, 82])
        #expect(plan.ports[.init(number: 82)]?.kind == .tcp)
        #expect(plan.notes.isEmpty)
    }

    @Test("a server with tls whose protocol is carried without, as older versions stored it, serves nobody")
    func plainWithTLS() throws {
        let plan = try Self.plan([Self.gateway(Self.server(82, "TCP", #"["*"]"#, Self.tls("MUTUAL")))])
        let server = try #require(plan.ports[.init(number: 82)]?.servers.first)
        guard case .refuse = server.action else {
            Issue.record("\(server.action)")
            return
        }
        #expect(plan.notes.count == 1)
    }

    @Test("a port belongs to what the oldest Gateway says that it speaks; a bound address is a port of its own")
    func conflicts() throws {
        let plan = try Self.plan([
            Self.gateway(Self.server(80, "HTTP", #"["a.com"]"#)),
            Self.gateway(Self.server(80, "TCP", #"["*"]"#)),
            Self.gateway(Self.server(80, "HTTP", #"["b.com"]"#)),
            Self.gateway(Self.server(80, "TCP", #"["*"]"#, #","bind":"10.0.0.1""#)),
        ])
        #expect(
            plan.ports[.init(number: 80)]?.servers.map(\.place) == [
                "Gateway shop/g0 servers[0]", "Gateway shop/g2 servers[0]",
            ])
        #expect(plan.ports[.init(bind: IPAddress("10.0.0.1"), number: 80)]?.kind == .tcp)
        #expect(
            plan.notes.map(\.description) == [
                "Gateway shop/g1 servers[0]: port 80 is HTTP by Gateway shop/g0 servers[0]: the server is left out"
            ])
    }

    @Test("the server of a TLS connection is the one with the most specific host, and without a name only that for all")
    func serverNames() throws {
        let servers = [
            Self.server(443, "TLS", #"["*"]"#, Self.tls("PASSTHROUGH")),
            Self.server(443, "HTTPS", #"["*.foo.com","ns/bar.com"]"#, Self.tls("SIMPLE", #","credentialName":"a""#)),
            Self.server(443, "HTTPS", #"["a.foo.com"]"#, Self.tls("MUTUAL", #","credentialName":"b""#)),
        ]
        let plan = try Self.plan([Self.gateway(servers.joined(separator: ","))])
        let port = try #require(plan.ports[.init(number: 443)])
        for (name, place) in [
            ("x.com", 0), ("q.foo.com", 1), ("A.foo.com", 2), ("bar.com", 1), ("foo.com", 0), (nil, 0),
        ] as [(String?, Int)] {
            #expect(port.server(named: name)?.place == "Gateway shop/g0 servers[\(place)]", "\(name ?? "none")")
        }
        let narrow = try Self.plan([Self.gateway(servers[1...].joined(separator: ","))])
        let other = try #require(narrow.ports[.init(number: 443)])
        #expect(other.server(named: nil) == nil && other.server(named: "x.com") == nil)
    }

    @Test("a host of a TLS port belongs to the older server")
    func doubles() throws {
        let simple = Self.tls("SIMPLE", #","credentialName":"a""#)
        let plan = try Self.plan([
            Self.gateway(Self.server(443, "HTTPS", #"["a.com"]"#, simple)),
            Self.gateway(Self.server(443, "HTTPS", #"["a.com","b.com"]"#, simple)),
        ])
        #expect(plan.ports[.init(number: 443)]?.servers.map { $0.hosts.map(\.text) } == [["a.com"], ["b.com"]])
        #expect(plan.listeners.map(\.hosts) == [["a.com"], ["b.com"]])
        #expect(
            plan.notes.map(\.message) == [
                "a.com of port 443 belongs to Gateway shop/g0 servers[0]: it is left out here"
            ])
    }

    @Test("what is not served is refused by name; ISTIO_MUTUAL is for clients of the mesh")
    func modes() throws {
        let plan = try Self.plan([
            Self.gateway(
                Self.server(443, "TLS", #"["*.local"]"#, Self.tls("AUTO_PASSTHROUGH")) + ","
                    + Self.server(443, "HTTPS", #"["a.com"]"#, Self.tls("ISTIO_MUTUAL")) + ","
                    + Self.server(443, "HTTPS", #"["b.com"]"#, Self.tls("ISTIO_MUTUAL")))
        ])
        let port = try #require(plan.ports[.init(number: 443)])
        #expect(port.meshServer?.place == "Gateway shop/g0 servers[1]")
        #expect(Set(port.servers.dropFirst().map(\.group)).count == 1, "they share their routes")
        guard case .refuse(let reason)? = port.server(named: "x.local")?.action else {
            Issue.record("AUTO_PASSTHROUGH is served")
            return
        }
        #expect(reason.contains("AUTO_PASSTHROUGH") && plan.notes.count == 1)
    }

    @Test("a client that one server of a port has let in does not reach the routes of another")
    func isolation() throws {
        let servers = [
            Self.server(443, "HTTPS", #"["open.com"]"#, Self.tls("SIMPLE", #","credentialName":"a""#)),
            Self.server(443, "HTTPS", #"["closed.com"]"#, Self.tls("MUTUAL", #","credentialName":"a""#)),
        ]
        let plan = try Self.plan([Self.gateway(servers.joined(separator: ","))])
        let routes =
            #"{"hosts":["open.com","closed.com"],"gateways":["g0"],"http":[{"directResponse":{"status":201}}]}"#
        let table = GatewayRouteTable(gateway: try Mesh.sources([routes]), listeners: plan.listeners, Mesh.engine)
        let port = try #require(plan.ports[.init(number: 443)])
        func isRouted(_ name: String, _ host: String) -> Bool {
            let bytes = Array(host.utf8)
            return table.http(port: 443, group: port.server(named: name)?.group ?? "", authority: bytes.span) != nil
        }
        #expect(isRouted("open.com", "open.com") && isRouted("closed.com", "closed.com"))
        #expect(!isRouted("open.com", "closed.com") && !isRouted("closed.com", "open.com"))
    }

    @Test("hosts of a server with httpsRedirect are redirected, with and without a VirtualService")
    func redirects() throws {
        let servers = [
            Self.server(80, "HTTP", #"["*.foo.com"]"#, #","tls":{"httpsRedirect":true}"#),
            Self.server(80, "HTTP", #"["plain.foo.com","bar.com"]"#),
        ]
        let plan = try Self.plan([Self.gateway(servers.joined(separator: ","))])
        let table = GatewayRouteTable(gateway: try Mesh.sources(), listeners: plan.listeners, Mesh.engine)
        for (host, isRedirected) in [
            ("a.foo.com:80", true), ("plain.foo.com", false), ("bar.com", false), ("other.com", false),
        ] {
            let bytes = Array(host.utf8)
            #expect(table.redirectsToHTTPS(port: 80, authority: bytes.span) == isRedirected, "\(host)")
        }
    }
}
