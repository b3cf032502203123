import MeshModel
import MeshPolicy
import Testing

@Suite("What routes decide (I 2.3 to 2.12)")
struct DecisionTests {
    static func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    static func entry(_ http: String, _ request: Request = Request()) throws -> RouteEntry {
        try #require(Mesh.reviews("[{\(http)}]").entry(for: request, Mesh.facts))
    }

    static let there = #""route":[{"destination":{"host":"ratings"}}]"#

    @Test(
        "weights: shares within 3 sigma of 20,000 requests, whatever their sum; none for weight 0 (I 2.3)",
        arguments: [[90, 10], [80, 20], [50, 50], [1, 2, 0, 3], [1, 999]])
    func weights(_ weights: [Int]) throws {
        let destinations = weights.enumerated().map {
            #"{"destination":{"host":"reviews","subset":"s\#($0)"},"weight":\#($1)}"#
        }
        let subsets = weights.indices.map { #"{"name":"s\#($0)"}"# }.joined(separator: ",")
        let routes = try Mesh.reviews(
            #"[{"route":[\#(destinations.joined(separator: ","))]}]"#,
            rules: [#"{"host":"reviews","subsets":[\#(subsets)]}"#])
        var random = SplitMix64(seed: 42)
        var counts = [Int](repeating: 0, count: weights.count)
        let total = 20_000
        for _ in 0..<total {
            guard case .forward(_, let key, _) = routes.decide(Request(), Mesh.facts, &random),
                let subset = key.subset.flatMap({ Int($0.dropFirst()) })
            else {
                Issue.record("no destination")
                return
            }
            counts[subset] += 1
        }
        let sum = weights.reduce(0, +)
        for (count, weight) in zip(counts, weights) {
            let share = Double(weight) / Double(sum)
            let sigma = (Double(total) * share * (1 - share)).squareRoot()
            #expect(abs(Double(count) - Double(total) * share) <= 3 * sigma, "\(weight) of \(sum): \(count)")
        }
    }

    @Test("one destination is taken whatever its weight")
    func single() throws {
        let routes = try Mesh.reviews(#"[{"route":[{"destination":{"host":"ratings"},"weight":0}]}]"#)
        #expect(routes.outcome(Request()) == "ratings:9080")
    }

    @Test(
        "rewrite: prefix literally, exact and regex the whole path, the query stays (I 2.4)",
        arguments: [
            (#"{"uri":{"prefix":"/api/"}}"#, #"{"uri":"/"}"#, "/api/x?q=1", "/x?q=1"),
            (#"{"uri":{"prefix":"/api"}}"#, #"{"uri":"/"}"#, "/api/x", "//x"),
            (#"{"uri":{"exact":"/a"}}"#, #"{"uri":"/b/c"}"#, "/a?q", "/b/c?q"),
            (#"{"uri":{"regex":"/a.*"}}"#, #"{"uri":"/b"}"#, "/abc?q", "/b?q"),
            (
                #"{"uri":{"prefix":"/"}}"#, #"{"uriRegexRewrite":{"match":"a","rewrite":"<\\0>"}}"#, "/xaya?a=a",
                "/x<a>y<a>?a=a"
            ),
            (#"{"uri":{"prefix":"/API"},"ignoreUriCase":true}"#, #"{"uri":"/v1"}"#, "/api/x", "/v1/x"),
            (#"{"method":{"exact":"GET"}}"#, #"{"uri":"/v1/"}"#, "/x", "/v1/x"),
        ])
    func rewrite(match: String, rewrite: String, path: String, result: String) throws {
        let entry = try Self.entry(#""match":[\#(match)],"rewrite":\#(rewrite),\#(Self.there)"#, Request(path))
        #expect(Self.text(entry.rewrittenPath(Array(path.utf8).span)) == result)
    }

    @Test("rewrite of the authority, and none where none is written")
    func authority() throws {
        #expect(try Self.entry(#""rewrite":{"authority":"other:80"},\#(Self.there)"#).route.authority == "other:80")
        let plain = try Self.entry(Self.there)
        #expect(plain.route.authority == nil && plain.route.rewrite == nil)
        let changed = try Self.entry(#""headers":{"request":{"set":{"Host":"other"}}},\#(Self.there)"#)
        #expect(Self.text(changed.route.requestChanges.authority?.value { _ in nil }) == "other")
    }

    @Test(
        "redirect: what is not given stays (I 2.5)",
        arguments: [
            (#"{"uri":"/new"}"#, "http", "a.com", "http://a.com/new?q=1"),
            (#"{"authority":"b.com"}"#, "http", "a.com:8080", "http://b.com/old/x?q=1"),
            (#"{"scheme":"https"}"#, "http", "a.com:80", "https://a.com/old/x?q=1"),
            (#"{"scheme":"https"}"#, "http", "a.com:8080", "https://a.com:8080/old/x?q=1"),
            (#"{"scheme":"https","port":8443}"#, "http", "a.com:80", "https://a.com:8443/old/x?q=1"),
            (#"{"port":80}"#, "http", "a.com:8080", "http://a.com/old/x?q=1"),
            (#"{"port":81}"#, "http", "a.com", "http://a.com:81/old/x?q=1"),
            (#"{"derivePort":"FROM_REQUEST_PORT"}"#, "http", "a.com", "http://a.com:9080/old/x?q=1"),
            (
                #"{"derivePort":"FROM_PROTOCOL_DEFAULT","scheme":"https"}"#, "http", "a.com:9080",
                "https://a.com/old/x?q=1"
            ),
            (#"{"prefixRewrite":"/new"}"#, "http", "a.com", "http://a.com/new/x?q=1"),
            (#"{"authority":"b.com:99"}"#, "https", "a.com", "https://b.com:99/old/x?q=1"),
            (#"{"port":81}"#, "http", "[::1]", "http://[::1]:81/old/x?q=1"),
        ])
    func redirect(redirect: String, scheme: String, authority: String, location: String) throws {
        let routes = try Mesh.reviews(#"[{"match":[{"uri":{"prefix":"/old"}}],"redirect":\#(redirect)}]"#)
        var random = SplitMix64(seed: 1)
        let request = Request("/old/x?q=1", method: "GET", authority: authority)
        guard case .redirect(let entry, let rule) = routes.decide(request, Mesh.facts, &random) else {
            Issue.record("no redirect")
            return
        }
        #expect(rule.status == 301)
        #expect(Self.text(entry.location(rule, request, scheme: scheme, port: 9080)) == location)
    }

    @Test("redirect codes; another status of 300 gives the route no action")
    func redirectCodes() throws {
        for code in [302, 303, 307, 308] {
            #expect(
                try Mesh.reviews(#"[{"redirect":{"uri":"/","redirectCode":\#(code)}}]"#).outcome(Request()) == "\(code)"
            )
        }
        #expect(try Mesh.reviews(#"[{"redirect":{"uri":"/","redirectCode":304}}]"#).outcome(Request()) == "NR")
    }

    @Test("directResponse with a body (I 2.6)")
    func directResponse() throws {
        var random = SplitMix64(seed: 1)
        let routes = try Mesh.reviews(#"[{"directResponse":{"status":503,"body":{"string":"busy"}}}]"#)
        guard case .directResponse(_, let answer) = routes.decide(Request(), Mesh.facts, &random) else {
            Issue.record("no answer")
            return
        }
        #expect(answer.status == 503 && Self.text(answer.body) == "busy")
    }

    @Test("timeout: none without, capped by the client's grpc-timeout (I 2.7)")
    func timeout() throws {
        let route = try Self.entry(#""timeout":"1.5s",\#(Self.there)"#).route
        #expect(route.timeout == .milliseconds(1_500))
        #expect(try Self.entry(Self.there).route.timeout == nil)
        #expect(
            RequestTimeout.effective(route.timeout, Request([("grpc-timeout", "200m")]), isGRPC: true)
                == .milliseconds(200))
        #expect(
            RequestTimeout.effective(route.timeout, Request([("grpc-timeout", "1H")]), isGRPC: true)
                == .milliseconds(1_500))
        #expect(RequestTimeout.effective(nil, Request([("grpc-timeout", "3S")]), isGRPC: true) == .seconds(3))
        // Whatever others write there means nothing.
        #expect(RequestTimeout.effective(nil, Request([("grpc-timeout", "3S")]), isGRPC: false) == nil)
        #expect(
            RequestTimeout.effective(route.timeout, Request([("grpc-timeout", "1n")]), isGRPC: false)
                == .milliseconds(1_500))
        for wrong in ["", "S", "12", "123456789S", "-1S", "1x"] {
            #expect(RequestTimeout.effective(nil, Request([("grpc-timeout", wrong)]), isGRPC: true) == nil)
        }
    }

    @Test("fault: shares of delay and abort are independent, within 3 sigma (I 2.9)")
    func fault() throws {
        let rule = try #require(
            try Self.entry(
                #""fault":{"delay":{"fixedDelay":"7s","percentage":{"value":25}},"abort":{"grpcStatus":"UNAVAILABLE","percentage":{"value":0.5}}},\#(Self.there)"#
            ).route.fault)
        var random = SplitMix64(seed: 3)
        let total = 100_000
        var counts = (delay: 0, abort: 0, both: 0)
        for _ in 0..<total {
            let decision = rule.decide(&random)
            if let delay = decision.delay { #expect(delay == .seconds(7)) }
            if let abort = decision.abort { #expect(abort == .grpc(14)) }
            counts.delay += decision.delay == nil ? 0 : 1
            counts.abort += decision.abort == nil ? 0 : 1
            counts.both += decision.delay != nil && decision.abort != nil ? 1 : 0
        }
        for (count, share) in [(counts.delay, 0.25), (counts.abort, 0.005), (counts.both, 0.00125)] {
            let sigma = (Double(total) * share * (1 - share)).squareRoot()
            #expect(abs(Double(count) - Double(total) * share) <= 3 * sigma, "\(share): \(count)")
        }
    }

    @Test("fault: all, none, no percentage, the older percent")
    func faultShares() throws {
        var random = SplitMix64(seed: 3)
        func fault(_ text: String) throws -> FaultRule? {
            try Self.entry(#""fault":\#(text),\#(Self.there)"#).route.fault
        }
        let all = try fault(#"{"abort":{"httpStatus":555,"percentage":{"value":100}}}"#)
        for _ in 0..<100 { #expect(all?.decide(&random).abort == .http(555)) }
        #expect(try fault(#"{"abort":{"httpStatus":500}}"#) == nil)
        #expect(try fault(#"{"abort":{"httpStatus":500,"percentage":{"value":0}}}"#) == nil)
        #expect(try fault(#"{"delay":{"fixedDelay":"1s","percent":100}}"#)?.decide(&random).delay == .seconds(1))
    }

    @Test("mirrors: all without a percentage, none with zero, the copy's authority (I 2.10)")
    func mirrors() throws {
        var random = SplitMix64(seed: 3)
        func rules(_ text: String) throws -> [MirrorRule] { try Self.entry("\(text),\(Self.there)").route.mirrors }
        let one = try rules(#""mirror":{"host":"details"}"#)
        #expect(one.count == 1 && one[0].hits(&random))
        #expect(one[0].target(port: 9080) == .cluster(ClusterKey(service: Mesh.name("details"), port: 9080)))
        #expect(try rules(#""mirror":{"host":"details"},"mirrorPercentage":{"value":0}"#).isEmpty)
        #expect(try rules(#""mirrorPercentage":{"value":50}"#).isEmpty)
        let half = try rules(#""mirror":{"host":"details"},"mirror_percent":50"#)
        let count = (0..<10_000).count { _ in half[0].hits(&random) }
        #expect(abs(count - 5_000) <= 150)
        let several = try rules(
            #""mirrors":[{"destination":{"host":"details"}},{"destination":{"host":"nobody"},"percentage":{"value":10}}]"#
        )
        #expect(several.count == 2)
        for (old, new) in [("a.com", "a.com-shadow"), ("a.com:80", "a.com-shadow:80"), ("[::1]:80", "[::1]-shadow:80")]
        {
            #expect(Self.text(MirrorRule.authority(Array(old.utf8))) == new)
        }
    }

    @Test("CORS: matching origins, preflights answered, others forwarded or answered without fields (I 2.11)")
    func cors() throws {
        let policy =
            #""corsPolicy":{"allowOrigins":[{"exact":"https://a.com"},{"regex":"https://.*\\.b\\.com"}],"allowMethods":["GET","PUT"],"allowHeaders":["x-a"],"exposeHeaders":["x-b"],"maxAge":"24h","allowCredentials":true"#
        let rule = try #require(try Self.entry("\(policy)},\(Self.there)").route.cors)
        let strict = try #require(
            try Self.entry(#"\#(policy),"unmatchedPreflights":"IGNORE"},\#(Self.there)"#).route.cors)
        func describe(_ decision: CORSRule.Decision) -> String {
            func list(_ fields: [(name: String, value: [UInt8])]) -> String {
                fields.map { "\($0.name.dropFirst("access-control-".count))=\(Self.text($0.value) ?? "")" }
                    .joined(separator: " ")
            }
            switch decision {
            case .pass(let fields): return "pass \(list(fields))"
            case .answer(let fields): return "answer \(list(fields))"
            }
        }
        func preflight(_ origin: String) -> Request {
            Request("/", method: "OPTIONS", [("origin", origin), ("access-control-request-method", "PUT")])
        }
        #expect(describe(rule.decide(Request())) == "pass ")
        #expect(
            describe(rule.decide(Request([("origin", "https://a.com")])))
                == "pass allow-origin=https://a.com allow-credentials=true expose-headers=x-b")
        #expect(describe(rule.decide(Request([("origin", "https://evil.com")]))) == "pass ")
        #expect(
            describe(rule.decide(preflight("https://x.b.com")))
                == "answer allow-origin=https://x.b.com allow-credentials=true allow-methods=GET,PUT allow-headers=x-a max-age=86400"
        )
        #expect(describe(rule.decide(preflight("https://evil.com"))) == "pass ")
        #expect(describe(strict.decide(preflight("https://evil.com"))) == "answer ")
        let options = Request("/", method: "OPTIONS", [("origin", "https://evil.com")])
        #expect(describe(strict.decide(options)) == "pass ")
    }

    @Test(
        "CORS: a condition that holds for * is about every origin, as in Istio",
        arguments: [
            (#""allowOrigins":[{"exact":"*"}]"#, true), (#""allowOrigin":["*"]"#, true),
            (#""allowOrigins":[{"exact":"https://a.com"},{"exact":"*"}]"#, true),
            (#""allowOrigins":[{"prefix":"*"}]"#, true),
            (#""allowOrigins":[{"regex":"\\*"}]"#, true), (#""allowOrigins":[{"exact":"https://*"}]"#, false),
            (#""allowOrigins":[{}]"#, false), (#""allowOrigin":["https://*"]"#, false),
        ])
    func everyOrigin(origins: String, isEvery: Bool) throws {
        let rule = try #require(try Self.entry(#""corsPolicy":{\#(origins)},\#(Self.there)"#).route.cors)
        guard case .pass(let fields) = rule.decide(Request([("origin", "https://any.example")])) else {
            Issue.record("the request is answered")
            return
        }
        #expect(fields.map(\.name) == (isEvery ? ["access-control-allow-origin"] : []))
        #expect(fields.allSatisfy { Self.text($0.value) == "https://any.example" })
    }

    @Test("header changes: order, destinations, pseudo-headers left alone, variables (I 2.12)")
    func headerChanges() throws {
        let entry = try Self.entry(
            #""headers":{"request":{"set":{"X-A":"%REQ(x-user?:authority)%","x-p":"100%%"},"add":{":path":"/x","x-b":"<%DOWNSTREAM_REMOTE_ADDRESS%>"},"remove":["X-C",":path"]},"response":{"remove":["server"]}},\#(Self.there)"#
        )
        let changes = entry.route.requestChanges
        #expect(changes.removals.map { Self.text($0) } == ["x-c"])
        #expect(changes.settings.map { Self.text($0.name) } == ["x-a", "x-p"])
        #expect(changes.additions.map { Self.text($0.name) } == ["x-b"])
        #expect(entry.route.responseChanges.removals.map { Self.text($0) } == ["server"])
        let request = Request([("x-user", "ann")])
        func value(_ template: ValueTemplate, _ request: Request) -> String? {
            Self.text(
                template.value { variable in
                    ValueTemplate.field(variable, of: request)
                        ?? (variable == .named("DOWNSTREAM_REMOTE_ADDRESS") ? Array("10.0.0.1:9".utf8) : nil)
                })
        }
        #expect(value(changes.settings[0].value, request) == "ann")
        #expect(value(changes.settings[0].value, Request()) == "reviews")
        #expect(value(changes.settings[1].value, request) == "100%")
        #expect(value(changes.additions[0].value, request) == "<10.0.0.1:9>")
    }

    @Test(
        "header changes leave alone what frames a message and what is of one connection; the authority can only be set")
    func headersThatAreLeftAlone() throws {
        let names = [
            "Content-Length", "transfer-encoding", "CONNECTION", "Keep-Alive", "proxy-connection", "te", "upgrade",
            "http2-settings", ":path", ":method", ":scheme", ":protocol", ":status",
        ]
        let map = names.map { #""\#($0)":"1""# }.joined(separator: ",")
        let list = names.map { #""\#($0)""# }.joined(separator: ",")
        let changes = #"{"set":{\#(map)},"add":{"host":"x",\#(map)},"remove":[\#(list)]}"#
        let entry = try Self.entry(#""headers":{"request":\#(changes),"response":\#(changes)},\#(Self.there)"#)
        #expect(entry.route.requestChanges.isEmpty && entry.route.responseChanges.isEmpty)
        let named = try Self.entry(
            #""headers":{"request":{"set":{"Host":"x"}},"response":{"set":{"Host":"x"}}},\#(Self.there)"#)
        #expect(named.route.requestChanges.authority != nil && named.route.requestChanges.settings.isEmpty)
        #expect(named.route.responseChanges.isEmpty)
    }

    @Test(
        "templates that are none: the field is left out, and a note says so",
        arguments: ["%", "a%b", "%UNKNOWN%", "%REQ%", "%REQ()%", "%REQ(a:b", "%REQ(a?b?c)%", "%REQ(a):x%"])
    func wrongTemplates(text: String) throws {
        #expect(ValueTemplate(text) == nil)
        let sources = try Mesh.sources([
            #"{"hosts":["reviews"],"http":[{"headers":{"request":{"set":{"x":"\#(text)"}}},\#(Self.there)}]}"#
        ])
        let table = RouteTable(waypoint: sources, Mesh.engine)
        #expect(table.notes.contains { $0.message.contains("value of x") })
        #expect(table.routes(of: Mesh.name("reviews"))?.http.entries.first?.route.requestChanges.isEmpty == true)
    }

    @Test("templates cut values, and take responses too")
    func templateLimits() {
        let cut = ValueTemplate("%REQ(X-Long):3%")
        #expect(Self.text(cut?.value { ValueTemplate.field($0, of: Request([("x-long", "abcdef")])) }) == "abc")
        #expect(
            ValueTemplate("%RESP(a)%")?.parts == [
                .variable(.response(name: Array("a".utf8), alternative: nil, limit: nil))
            ])
        #expect(ValueTemplate("")?.parts == [])
    }
}
