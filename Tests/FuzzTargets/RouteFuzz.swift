import MeshModel
import MeshPolicy
import RE2Engine

/// Fuzz entry of route decisions: any head, no trap, the index says what the plain walk says, and what is made of a request is clean.
enum RouteFuzz {
    /// A head of lines `name: value`; bytes may be any, as decisions must not rely on what the wire has checked.
    struct Head: RequestFields {
        private var fields: [(name: [UInt8], value: [UInt8])] = []

        init(_ bytes: UnsafeRawBufferPointer) {
            for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: true).prefix(64) {
                // A pseudo-header field begins with a colon.
                guard let colon = line.dropFirst().firstIndex(of: 0x3a) else { continue }
                fields.append((Array(line[..<colon]), Array(line[line.index(after: colon)...].drop { $0 == 0x20 })))
            }
        }

        func forEachValue(of name: [UInt8], _ body: (Span<UInt8>) -> Void) {
            for field in fields where field.name == name { body(field.value.span) }
        }
    }

    /// Routes with every kind of condition and change.
    private static let document = #"""
        {"spec":{"hosts":["web"],"http":[
          {"name":"exact","match":[{"uri":{"exact":"/exact"},"method":{"exact":"GET"}}],"redirect":{"uri":"/new","scheme":"https"}},
          {"name":"prefix","match":[{"uri":{"prefix":"/api/"},"headers":{"x-a":{"prefix":"b"}},"queryParams":{"q":{"exact":"1"}}}],
           "rewrite":{"uri":"/"},"route":[{"destination":{"host":"web"}}]},
          {"name":"regex","match":[{"uri":{"regex":"/[a-z]+/[0-9]*"}},{"headers":{"cookie":{"regex":"^(.*?;)?(user=jason)(;.*)?$"}}}],
           "rewrite":{"uriRegexRewrite":{"match":"/([a-z]+)","rewrite":"/\\1\\1"}},"route":[{"destination":{"host":"web"}}]},
          {"name":"case","match":[{"uri":{"prefix":"/UPPER"},"ignoreUriCase":true,"withoutHeaders":{"x-b":{}}}],
           "redirect":{"prefixRewrite":"/lower","derivePort":"FROM_REQUEST_PORT"}},
          {"name":"authority","match":[{"authority":{"prefix":"a."},"scheme":{"exact":"http"},"port":80}],
           "corsPolicy":{"allowOrigins":[{"regex":"https://.*\\.example"},{"exact":"*"}],"allowMethods":["GET"]},
           "route":[{"destination":{"host":"web","subset":"v1"}}]},
          {"route":[{"destination":{"host":"web"},"weight":50},{"destination":{"host":"gone"},"weight":50}]}]}}
        """#

    private static let service = Service(
        name: "web", namespace: "shop", hostname: "web.shop.svc.cluster.local",
        ports: [ServicePort(port: 80, targetPort: 80)])

    private static let routes: HTTPRouteList? = {
        guard let value = try? JSONValue(parsing: Array(document.utf8)), let spec = try? VirtualServiceSpec(value)
        else {
            return nil
        }
        var builder = SnapshotBuilder()
        var sources = RoutingSources(snapshot: builder.apply(updates: [.service(service)]), namespace: "shop")
        sources.virtualServices = [Configured(namespace: "shop", name: "web", spec: spec)]
        return RouteTable(waypoint: sources, RE2Engine()).routes(of: service.key)?.http
    }()

    static func decide(_ bytes: UnsafeRawBufferPointer) {
        guard let routes else { preconditionFailure("the routes of the target cannot be read") }
        let head = Head(bytes)
        let facts = RequestFacts(port: 80)
        let found = routes.entry(for: head, facts)
        let walked = routes.explain(head, facts).last ?? ""
        precondition(
            walked == (found.map { "\($0.origin) matches" } ?? "no route is for it: 404"),
            "the index and the walk disagree")
        var random = SplitMix64(seed: UInt64(bytes.count))
        switch routes.decide(head, facts, &random) {
        case .redirect(let entry, let rule):
            let location = entry.location(rule, head, scheme: "http", port: 80)
            precondition(location.starts(with: "http".utf8), "a location that leads nowhere")
        case .forward(let entry, _, _), .noCluster(let entry, _):
            head.forEachValue(of: FieldName.path) { _ = entry.rewrittenPath($0) }
            _ = entry.route.cors?.decide(head)
        case .directResponse, .noRoute: break
        }
        _ = RequestTimeout.effective(nil, head, isGRPC: true)
    }
}
