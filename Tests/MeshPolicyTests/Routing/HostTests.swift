import MeshModel
import MeshPolicy
import Testing

@Suite("Hosts and VirtualServices (I 2.1)")
struct HostTests {
    @Test(
        "host algebra: wildcards have a label more, the narrower of two is what both mean",
        arguments: [
            ("a.foo.com", "*.foo.com", true), ("a.b.foo.com", "*.foo.com", true), ("foo.com", "*.foo.com", false),
            ("afoo.com", "*.foo.com", false), ("foo.com", "*", true), ("*.a.foo.com", "*.foo.com", true),
            ("*.foo.com", "*.foo.com", true), ("*.foo.com", "*.a.foo.com", false), ("*", "*.foo.com", false),
            ("FOO.com.", "foo.com", true), ("a.foo.com", "a.foo.com", true), ("a.foo.com", "b.foo.com", false),
        ])
    func subsets(left: String, right: String, isSubset: Bool) {
        #expect(HostName(left).isSubset(of: HostName(right)) == isSubset)
        #expect(
            (HostName(left).intersection(HostName(right)) != nil)
                == (isSubset || HostName(right).isSubset(of: HostName(left))))
    }

    @Test("short names are services of the rule's namespace; names with a dot stay")
    func shortNames() {
        func name(_ text: String) -> String { HostName(text, in: "shop", domainSuffix: "cluster.local").text }
        #expect(name("reviews") == "reviews.shop.svc.cluster.local")
        #expect(name("reviews.default") == "reviews.default")
        #expect(name("*") == "*")
        #expect(name("10.0.0.1") == "10.0.0.1")
        #expect(name("::1") == "::1")
    }

    static func vs(_ host: String, _ status: Int, namespace: String = "shop", more: String = "") -> String {
        #"{"metadata":{"namespace":"\#(namespace)","name":"vs\#(status)"},"spec":{"hosts":["\#(host)"]\#(more),"http":[{"directResponse":{"status":\#(status)}}]}}"#
    }

    @Test("the exact host counts before the longest wildcard, several on one host one after the other, oldest first")
    func selection() throws {
        let wide = Self.vs("*.svc.cluster.local", 201)
        let narrow = Self.vs("*.shop.svc.cluster.local", 202)
        let exact = Self.vs("reviews", 203)
        #expect(try Mesh.routes(of: "reviews", [wide, narrow, exact]).outcome(Request()) == "203")
        #expect(try Mesh.routes(of: "ratings", [wide, narrow, exact]).outcome(Request()) == "202")
        #expect(try Mesh.routes(of: "ratings", [wide, exact]).outcome(Request()) == "201")
        let first =
            #"{"hosts":["reviews"],"http":[{"match":[{"uri":{"exact":"/a"}}],"directResponse":{"status":204}}]}"#
        let both = try Mesh.routes(of: "reviews", [first, exact])
        #expect(both.outcome(Request("/a")) == "204")
        #expect(both.outcome(Request("/b")) == "203")
    }

    @Test("without a VirtualService, or with one of other traffic, a request goes to the port that was asked for")
    func defaults() throws {
        #expect(try Mesh.routes(of: "reviews", []).outcome(Request()) == "reviews:9080")
        #expect(try Mesh.routes(of: "reviews", []).outcome(Request(), RequestFacts(port: 80)) == "NR")
        #expect(try Mesh.routes(of: "reviews", [Self.vs("ratings", 201)]).outcome(Request()) == "reviews:9080")
        let gateway = Self.vs("reviews", 201, more: #","gateways":["shop/ingress"]"#)
        #expect(try Mesh.routes(of: "reviews", [gateway]).outcome(Request()) == "reviews:9080")
        let both = Self.vs("reviews", 201, more: #","gateways":["shop/ingress","mesh"]"#)
        #expect(try Mesh.routes(of: "reviews", [both]).outcome(Request()) == "201")
        let routes = try Mesh.routes(of: "reviews", [])
        #expect(routes.entries.first?.route.retries == .standard)
    }

    @Test("a match's own gateways replace the VirtualService's")
    func matchGateways() throws {
        let text =
            #"{"hosts":["reviews"],"gateways":["mesh","ingress"],"http":[{"match":[{"gateways":["ingress"]}],"directResponse":{"status":201}},{"match":[{"gateways":["mesh"]}],"directResponse":{"status":202}}]}"#
        #expect(try Mesh.routes(of: "reviews", [text]).outcome(Request()) == "202")
    }

    @Test("exportTo, and nobody but the service's and the waypoint's namespace may route a service")
    func visibility() throws {
        let host = Mesh.host("reviews")
        #expect(
            try Mesh.routes(of: "reviews", [Self.vs(host, 201, namespace: "evil")]).outcome(Request()) == "reviews:9080"
        )
        #expect(
            try Mesh.routes(of: "reviews", [Self.vs(host, 201, namespace: "gw")], namespace: "gw").outcome(Request())
                == "201")
        let own = Self.vs(host, 201, more: #","exportTo":["."]"#)
        #expect(try Mesh.routes(of: "reviews", [own]).outcome(Request()) == "201")
        #expect(try Mesh.routes(of: "reviews", [own], namespace: "gw").outcome(Request()) == "reviews:9080")
        let named = Self.vs(host, 201, more: #","exportTo":["gw"]"#)
        #expect(try Mesh.routes(of: "reviews", [named], namespace: "gw").outcome(Request()) == "201")
    }

    @Test("destinations: the only port, the port that was asked for, a written one; unknown host, port or subset is NC")
    func destinations() throws {
        let services = [Mesh.service("reviews"), Mesh.service("multi", ports: [80, 9080])]
        func outcome(_ destination: String, _ port: UInt16 = 9080) throws -> String {
            let sources = try Mesh.sources(
                [#"{"hosts":["reviews"],"http":[{"route":[{"destination":{\#(destination)}}]}]}"#],
                rules: [Mesh.subsets],
                services: services, workloads: [])
            let routes = try #require(RouteTable(waypoint: sources, Mesh.engine).routes(of: Mesh.name("reviews")))
            return routes.http.outcome(Request(), RequestFacts(port: port))
        }
        #expect(try outcome(#""host":"reviews""#, 1234) == "reviews:9080")
        #expect(try outcome(#""host":"multi""#) == "multi:9080")
        #expect(try outcome(#""host":"multi""#, 81) == "NC")
        #expect(try outcome(#""host":"multi","port":{"number":80}"#) == "multi:80")
        #expect(try outcome(#""host":"multi","port":{"number":81}"#) == "NC")
        #expect(try outcome(#""host":"reviews","subset":"v1""#) == "reviews/v1:9080")
        #expect(try outcome(#""host":"reviews","subset":"v9""#) == "NC")
        #expect(try outcome(#""host":"nobody""#) == "NC")
        #expect(try outcome(#""host":"reviews.shop""#) == "NC")
    }
}
