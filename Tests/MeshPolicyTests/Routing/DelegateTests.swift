import MeshModel
import MeshPolicy
import Testing

@Suite("Delegates (I 2.13)")
struct DelegateTests {
    static func routes(root: String, delegate: String, more: String = "", rootMore: String = "") throws -> HTTPRouteList
    {
        try Mesh.routes(
            of: "reviews",
            [
                #"{"metadata":{"namespace":"shop","name":"root"},"spec":{"hosts":["reviews"],"http":[{\#(root)"name":"r"\#(rootMore),"delegate":{"name":"child","namespace":"team"}}]}}"#,
                #"{"metadata":{"namespace":"team","name":"child"},"spec":{\#(more)"http":[{\#(delegate)"name":"d","directResponse":{"status":201}}]}}"#,
            ])
    }

    static func match(_ text: String) -> String { text.isEmpty ? "" : #""match":[\#(text)],"# }

    @Test(
        "a delegate's match must be within the root's, else its route is left out",
        arguments: [
            ("", "", "/x", "201"), (#"{"uri":{"prefix":"/a"}}"#, "", "/ab", "201"),
            (#"{"uri":{"prefix":"/a"}}"#, "", "/b", "NR"),
            (#"{"uri":{"prefix":"/a"}}"#, #"{"uri":{"exact":"/a/b"}}"#, "/a/b", "201"),
            (#"{"uri":{"prefix":"/a"}}"#, #"{"uri":{"prefix":"/a/b"}}"#, "/a/c", "NR"),
            (#"{"uri":{"prefix":"/a"}}"#, #"{"uri":{"prefix":"/b"}}"#, "/b", "NR"),
            (#"{"uri":{"exact":"/a"}}"#, #"{"uri":{"exact":"/a"}}"#, "/a", "201"),
            (#"{"uri":{"exact":"/a"}}"#, #"{"uri":{"prefix":"/a"}}"#, "/a", "NR"),
            (#"{"uri":{"prefix":"/a"}}"#, #"{"uri":{"regex":"/a"}}"#, "/a", "NR"),
            (#"{"uri":{"regex":"/a"}}"#, "", "/a", "201"),
            (#"{"uri":{"prefix":"/a"},"ignoreUriCase":true}"#, #"{"uri":{"prefix":"/a"}}"#, "/a", "NR"),
            (#"{"uri":{"prefix":"/a"},"ignoreUriCase":true}"#, #"{"method":{"exact":"GET"}}"#, "/a", "NR"),
            (#"{"port":9080}"#, #"{"port":80}"#, "/", "NR"),
            (#"{"port":9080}"#, #"{"uri":{"prefix":"/"}}"#, "/", "201"),
            (#"{"sourceNamespace":"shop"}"#, #"{"uri":{"prefix":"/"}}"#, "/", "NR"),
            (#"{"uri":{"exact":"/x"}},{"uri":{"prefix":"/a"}}"#, #"{"uri":{"prefix":"/a/b"}}"#, "/a/b", "201"),
        ])
    func matches(root: String, delegate: String, path: String, outcome: String) throws {
        let routes = try Self.routes(root: Self.match(root), delegate: Self.match(delegate))
        #expect(routes.outcome(Request(path)) == outcome)
    }

    @Test("headers of both sides hold together")
    func headers() throws {
        let routes = try Self.routes(
            root: Self.match(#"{"headers":{"a":{"exact":"1"}}}"#),
            delegate: Self.match(#"{"headers":{"b":{"exact":"2"}}}"#))
        #expect(routes.outcome(Request([("a", "1"), ("b", "2")])) == "201")
        #expect(routes.outcome(Request([("a", "1")])) == "NR")
        #expect(routes.outcome(Request([("b", "2")])) == "NR")
    }

    @Test("what the delegate does not set is the root's; names are joined by a hyphen")
    func settings() throws {
        let routes = try Self.routes(
            root: "", delegate: #""timeout":"2s","#,
            rootMore:
                #","timeout":"9s","retries":{"attempts":7},"fault":{"abort":{"httpStatus":500,"percentage":{"value":100}}}"#
        )
        let entry = try #require(routes.entries.first)
        #expect(entry.route.timeout == .seconds(2))
        #expect(entry.route.retries.attempts == 7)
        #expect(entry.route.fault != nil)
        #expect(entry.name == "r-d")
    }

    @Test("a delegate that is missing, or not exported to the root's namespace, takes its route away")
    func missing() throws {
        #expect(try Self.routes(root: "", delegate: "", more: #""exportTo":["."],"#).outcome(Request()) == "NR")
        #expect(try Self.routes(root: "", delegate: "", more: #""exportTo":["shop"],"#).outcome(Request()) == "201")
        #expect(try Self.routes(root: "", delegate: "", more: #""hosts":["ratings"],"#).outcome(Request()) == "NR")
        let alone = try Mesh.routes(
            of: "reviews",
            [#"{"hosts":["reviews"],"http":[{"delegate":{"name":"nobody"}},{"directResponse":{"status":202}}]}"#])
        #expect(alone.outcome(Request()) == "202")
    }

    @Test("short names in a delegate are of its own namespace")
    func names() throws {
        let sources = try Mesh.sources(
            [
                #"{"metadata":{"namespace":"shop","name":"root"},"spec":{"hosts":["reviews"],"http":[{"delegate":{"name":"child","namespace":"team"}}]}}"#,
                #"{"metadata":{"namespace":"team","name":"child"},"spec":{"http":[{"route":[{"destination":{"host":"own"}}]}]}}"#,
            ], services: [Mesh.service("reviews"), Mesh.service("own", namespace: "team")], workloads: [])
        let routes = try #require(RouteTable(waypoint: sources, Mesh.engine).routes(of: Mesh.name("reviews")))
        #expect(routes.http.outcome(Request()) == "own:9080")
    }
}
