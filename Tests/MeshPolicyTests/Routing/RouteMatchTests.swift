import MeshModel
import MeshPolicy
import Testing

@Suite("Route matches (I 2.2)")
struct RouteMatchTests {
    /// Whether the match block catches the request.
    static func matches(_ match: String, _ request: Request, _ facts: RequestFacts = Mesh.facts) throws -> Bool {
        let routes = try Mesh.reviews(
            #"[{"match":[\#(match)],"route":[{"destination":{"host":"ratings"}}]},{"route":[{"destination":{"host":"details"}}]}]"#
        )
        let outcome = routes.outcome(request, facts)
        #expect(outcome == "ratings:9080" || outcome == "details:9080")
        return outcome == "ratings:9080"
    }

    @Test(
        "uri: exact, plain prefix, whole regex, without query and fragment; ignoreUriCase",
        arguments: [
            (#"{"uri":{"exact":"/a"}}"#, "/a", true), (#"{"uri":{"exact":"/a"}}"#, "/a?x=1", true),
            (#"{"uri":{"exact":"/a"}}"#, "/a#f", true), (#"{"uri":{"exact":"/a"}}"#, "/a/", false),
            (#"{"uri":{"exact":"/a"}}"#, "/A", false), (#"{"uri":{"prefix":"/foo"}}"#, "/foobar", true),
            (#"{"uri":{"prefix":"/foo"}}"#, "/fo", false), (#"{"uri":{"prefix":"/foo"}}"#, "/x?/foo", false),
            (#"{"uri":{"prefix":"/"}}"#, "/anything", true), (#"{"uri":{"regex":"/v[0-9]+/.*"}}"#, "/v12/x", true),
            (#"{"uri":{"regex":"/v[0-9]+"}}"#, "/v12/x", false), (#"{"uri":{"regex":"/v[0-9]+"}}"#, "/v1?q", true),
            (#"{"uri":{"exact":"/Abc"},"ignoreUriCase":true}"#, "/aBC", true),
            (#"{"uri":{"prefix":"/Abc"},"ignoreUriCase":true}"#, "/abCdef", true),
            (#"{"uri":{"regex":"/Abc"},"ignoreUriCase":true}"#, "/abc", false),
        ])
    func uri(match: String, path: String, isMatch: Bool) throws {
        #expect(try Self.matches(match, Request(path)) == isMatch)
    }

    @Test(
        "headers: names without case, values with case, presence, pseudo-headers, Host, several values as one with commas",
        arguments: [
            (#"{"headers":{"End-User":{"exact":"jason"}}}"#, [("end-user", "jason")], true),
            (#"{"headers":{"end-user":{"exact":"jason"}}}"#, [("end-user", "Jason")], false),
            (#"{"headers":{"end-user":{"exact":"jason"}}}"#, [], false),
            (#"{"headers":{"end-user":{"prefix":""}}}"#, [], false),
            (#"{"headers":{"end-user":{"regex":".*"}}}"#, [], false),
            (#"{"headers":{"end-user":{}}}"#, [("end-user", "")], true),
            (#"{"headers":{"end-user":{}}}"#, [], false),
            (#"{"headers":{"a":{"exact":"1,2"}}}"#, [("a", "1"), ("b", "x"), ("a", "2")], true),
            (#"{"headers":{"a":{"exact":"1"}}}"#, [("a", "1"), ("a", "2")], false),
            (
                #"{"headers":{"cookie":{"regex":"^(.*?;)?(user=jason)(;.*)?$"}}}"#, [("cookie", "a=b;user=jason;c=d")],
                true
            ),
            (#"{"headers":{":path":{"prefix":"/"}}}"#, [], true),
            (#"{"headers":{":method":{"exact":"GET"}}}"#, [], true),
            (#"{"headers":{"host":{"exact":"reviews"}}}"#, [], true),
            (#"{"headers":{"uri":{"exact":"/"}}}"#, [], false),
            (#"{"headers":{"a":{"exact":"1"},"b":{"prefix":"2"}}}"#, [("a", "1"), ("b", "23")], true),
            (#"{"headers":{"a":{"exact":"1"},"b":{"prefix":"2"}}}"#, [("a", "1")], false),
            (#"{"headers":{"@request.auth.claims.sub":{"exact":"a"}}}"#, [("@request.auth.claims.sub", "a")], false),
        ] as [(String, [(String, String)], Bool)])
    func headers(match: String, headers: [(String, String)], isMatch: Bool) throws {
        #expect(try Self.matches(match, Request(headers)) == isMatch)
    }

    @Test(
        "withoutHeaders: a missing header counts as an empty one, but for presence",
        arguments: [
            (#"{"withoutHeaders":{"end-user":{"exact":"jason"}}}"#, [], true),
            (#"{"withoutHeaders":{"end-user":{"exact":"jason"}}}"#, [("end-user", "jason")], false),
            (#"{"withoutHeaders":{"end-user":{"exact":"jason"}}}"#, [("end-user", "ann")], true),
            (#"{"withoutHeaders":{"end-user":{"regex":".*"}}}"#, [], false),
            (#"{"withoutHeaders":{"end-user":{}}}"#, [], true),
            (#"{"withoutHeaders":{"end-user":{}}}"#, [("end-user", "x")], false),
            (#"{"withoutHeaders":{"end-user":{"regex":"*"}}}"#, [("end-user", "x")], false),
            (#"{"withoutHeaders":{"end-user":{"regex":"*"}}}"#, [], true),
        ] as [(String, [(String, String)], Bool)])
    func withoutHeaders(match: String, headers: [(String, String)], isMatch: Bool) throws {
        #expect(try Self.matches(match, Request(headers)) == isMatch)
    }

    @Test(
        "queryParams: the first value, as it is written",
        arguments: [
            (#"{"exact":"1"}"#, "/?q=1", true), (#"{"exact":"1"}"#, "/?q=2&q=1", false),
            (#"{"exact":"1"}"#, "/?a=b&q=1#x", true), (#"{"exact":"%31"}"#, "/?q=%31", true),
            (#"{"exact":"1"}"#, "/?q=%31", false), (#"{"prefix":"ab"}"#, "/?q=abc", true),
            (#"{"regex":"[0-9]+"}"#, "/?q=12", true), (#"{"regex":"[0-9]+"}"#, "/?q=12a", false),
            (#"{}"#, "/?q", true), (#"{}"#, "/?x=q", false), (#"{}"#, "/?qq=1", false),
            (#"{"exact":""}"#, "/?q=", true),
            (#"{"exact":"1"}"#, "/q=1", false), (#"{}"#, "/#?q=1", false),
        ])
    func queryParameters(condition: String, path: String, isMatch: Bool) throws {
        #expect(try Self.matches(#"{"queryParams":{"q":\#(condition)}}"#, Request(path)) == isMatch)
    }

    @Test("method, scheme, authority with its port")
    func pseudoHeaders() throws {
        let request = Request("/", method: "POST", authority: "shop:8080", scheme: "https")
        #expect(try Self.matches(#"{"method":{"exact":"POST"}}"#, request))
        #expect(try !Self.matches(#"{"method":{"exact":"post"}}"#, request))
        #expect(try Self.matches(#"{"scheme":{"prefix":"http"}}"#, request))
        #expect(try Self.matches(#"{"authority":{"exact":"shop:8080"}}"#, request))
        #expect(try !Self.matches(#"{"authority":{"exact":"shop"}}"#, request))
    }

    @Test("port, sourceNamespace and sourceLabels of the client that the tunnel names; an unknown client has neither")
    func facts() throws {
        let client = RequestFacts.Client(namespace: "shop", labels: ["app": "web", "version": "v1"])
        let facts = RequestFacts(port: 9080, client: client)
        #expect(try Self.matches(#"{"port":9080}"#, Request(), facts))
        #expect(try Self.matches(#"{"sourceNamespace":"shop"}"#, Request(), facts))
        #expect(try !Self.matches(#"{"sourceNamespace":"prod"}"#, Request(), facts))
        #expect(try Self.matches(#"{"sourceLabels":{"app":"web"}}"#, Request(), facts))
        #expect(try !Self.matches(#"{"sourceLabels":{"app":"web","version":"v2"}}"#, Request(), facts))
        #expect(try !Self.matches(#"{"sourceNamespace":"shop"}"#, Request()))
        #expect(try !Self.matches(#"{"sourceLabels":{"app":"web"}}"#, Request()))
        #expect(try !Self.matches(#"{"port":80}"#, Request(), facts))
    }

    @Test("an expression that cannot be compiled is never met: it does not widen the match (D11)")
    func unusable() throws {
        #expect(try !Self.matches(#"{"headers":{"a":{"regex":"("}}}"#, Request("/", [("a", "(")])))
        let sources = try Mesh.sources([
            #"{"hosts":["reviews"],"http":[{"match":[{"uri":{"regex":"("}}],"route":[{"destination":{"host":"ratings"}}]}]}"#
        ])
        let notes = RouteTable(waypoint: sources, Mesh.engine).notes
        #expect(notes.contains { $0.place.hasSuffix("http[0].match[0]") && $0.message.contains("missing )") })
    }

    @Test("blocks are alternatives, routes are in order, and the first counts; names are joined by a point")
    func order() throws {
        let routes = try Mesh.reviews(
            #"""
            [{"name":"first","match":[{"uri":{"prefix":"/a"},"method":{"exact":"PUT"}},{"name":"user","headers":{"u":{"exact":"1"}}}],
              "route":[{"destination":{"host":"ratings"}}]},
             {"match":[{"uri":{"prefix":"/a/b"}}],"route":[{"destination":{"host":"details"}}]},
             {"match":[{"uri":{"exact":"/a/b/c"}}],"directResponse":{"status":299}},
             {"match":[{"uri":{"prefix":"/a"}}],"directResponse":{"status":298}}]
            """#)
        #expect(routes.outcome(Request("/a/b/c")) == "details:9080")
        #expect(routes.outcome(Request("/a/b/c", method: "PUT")) == "ratings:9080")
        #expect(routes.outcome(Request("/a/b/c", [("u", "1")])) == "ratings:9080")
        #expect(routes.outcome(Request("/a")) == "298")
        #expect(routes.outcome(Request("/x")) == "NR")
        #expect(routes.entry(for: Request("/", [("u", "1")]), Mesh.facts)?.name == "first.user")
        #expect(routes.entry(for: Request("/a", method: "PUT"), Mesh.facts)?.name == "first")
        #expect(routes.entry(for: Request("/a"), Mesh.facts)?.name == "default")
        let lines = routes.explain(Request("/a/b"), Mesh.facts)
        #expect(
            lines == [
                "VirtualService shop/vs0 http[0].match[0] is passed over: the condition on :method does not hold",
                "VirtualService shop/vs0 http[0].match[1] is passed over: the condition on u does not hold",
                "VirtualService shop/vs0 http[1].match[0] matches",
            ])
    }

    @Test("the index never changes the answer: random routes and requests against a plain walk")
    func indexAgainstWalk() throws {
        var random = SplitMix64(seed: 7)
        let paths = ["/", "/a", "/a/b", "/a/bc", "/b", "/abc", ""]
        let words = ["1", "2", "1,2", ""]
        func pick(_ list: [String]) -> String { list[Int.random(in: 0..<list.count, using: &random)] }
        for _ in 0..<60 {
            var blocks: [String] = []
            for number in 0..<24 {
                var parts: [String] = []
                if Bool.random(using: &random) {
                    let kind = pick(["exact", "prefix", "regex"])
                    parts.append(
                        #""uri":{"\#(kind)":"\#(pick(paths))"},"ignoreUriCase":\#(Bool.random(using: &random))"#)
                }
                if Bool.random(using: &random) {
                    parts.append(
                        #""headers":{"\#(pick(["x", "y"]))":{"\#(pick(["exact", "prefix"]))":"\#(pick(words))"}}"#)
                }
                if Int.random(in: 0..<4, using: &random) == 0 {
                    parts.append(#""withoutHeaders":{"x":{"exact":"\#(pick(words))"}}"#)
                }
                if parts.isEmpty, number < 20 { parts.append(#""method":{"exact":"PUT"}"#) }
                blocks.append(
                    #"{"match":[{\#(parts.joined(separator: ","))}],"directResponse":{"status":\#(200 + number)}}"#)
            }
            let routes = try Mesh.reviews("[\(blocks.joined(separator: ","))]")
            for _ in 0..<40 {
                var headers: [(String, String)] = []
                for name in ["x", "y", "x"] where Bool.random(using: &random) { headers.append((name, pick(words))) }
                let request = Request(pick(paths), headers)
                let lines = routes.explain(request, Mesh.facts)
                let expected = lines.last?.hasSuffix("matches") == true ? "\(200 + lines.count - 1)" : "NR"
                #expect(routes.outcome(request) == expected)
            }
        }
    }

    @Test("a thousand routes cost about what one does", arguments: ["exact", "prefix", "header"])
    func thousandRoutes(kind: String) throws {
        func routes(_ count: Int) throws -> HTTPRouteList {
            let blocks = (0..<count).map { number in
                let match =
                    kind == "header"
                    ? #"{"uri":{"prefix":"/"},"headers":{"x-user":{"exact":"user\#(number)"}}}"#
                    : #"{"uri":{"\#(kind)":"/service/\#(number)/end"}}"#
                return #"{"match":[\#(match)],"directResponse":{"status":200}}"#
            }
            return try Mesh.reviews("[\(blocks.joined(separator: ","))]")
        }
        func cost(_ routes: HTTPRouteList, _ number: Int) -> Double {
            let request = Request("/service/\(number)/end", [("x-user", "user\(number)"), ("accept", "*/*")])
            let clock = ContinuousClock()
            // The best of several runs: the machine is shared.
            return (0..<7).map { _ in
                let time = clock.measure {
                    for _ in 0..<300 where routes.entry(for: request, Mesh.facts) == nil { Issue.record("no route") }
                }
                return Double(time.components.attoseconds) / 1e18 + Double(time.components.seconds)
            }.min() ?? 0
        }
        let ratio = cost(try routes(1_000), 999) / cost(try routes(1), 0)
        #expect(ratio < 4, "\(kind): \(ratio) times")
    }
}
