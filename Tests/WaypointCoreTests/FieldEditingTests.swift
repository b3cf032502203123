import HTTPWire
import MeshModel
import MeshPolicy
import RE2Engine
import Testing
import WaypointCore

/// Changes of heads, as a route has them.
@Suite struct FieldEditingTests {
    /// The changes of a VirtualService's one route.
    private static func route(_ headers: String) throws -> HTTPRoute {
        let text = #"{"spec":{"hosts":["web"],"http":[{"directResponse":{"status":200},"headers":\#(headers)}]}}"#
        var builder = SnapshotBuilder()
        let service = Service(
            name: "web", namespace: "shop", hostname: "web.shop.svc.cluster.local",
            ports: [ServicePort(port: 80, targetPort: 80)])
        var sources = RoutingSources(snapshot: builder.apply(updates: [.service(service)]), namespace: "shop")
        sources.virtualServices = [
            Configured(
                namespace: "shop", name: "web", spec: try VirtualServiceSpec(try JSONValue(parsing: Array(text.utf8))))
        ]
        let routes = RouteTable(waypoint: sources, RE2Engine()).routes(of: service.key)
        return try #require(routes?.http.entries.first?.route)
    }

    private static func literal(_ template: ValueTemplate) -> [UInt8] { template.value { _ in nil } }

    @Test func fieldsAreRemovedThenSetThenAdded() throws {
        let route = try Self.route(
            #"{"request":{"set":{"X-Set":"new"},"add":{"x-add":"two","x-empty":"%REQ(none)%"},"remove":["X-Gone"]}}"#)
        var head = HTTPFieldBlock.request(method: "GET", scheme: "http", authority: "web", path: "/")
        for (name, value) in [("x-set", "a"), ("x-set", "b"), ("x-add", "one"), ("x-gone", "1"), ("x-stays", "1")] {
            head.append(name: name, value: value)
        }
        FieldEditing.apply(route.requestChanges, to: &head, value: Self.literal)
        #expect(head.all("x-set") == ["new"])
        #expect(head.all("x-add") == ["one", "two"])
        #expect(head.first("x-gone") == nil && head.first("x-empty") == nil)
        #expect(head.first("x-stays") == "1" && head.authority == "web")
    }

    @Test func hostIsTheAuthority() throws {
        let route = try Self.route(#"{"request":{"set":{"Host":"other.example"}}}"#)
        var head = HTTPFieldBlock.request(method: "GET", scheme: "http", authority: "web", path: "/")
        FieldEditing.apply(route.requestChanges, to: &head, value: Self.literal)
        #expect(head.authority == "other.example" && head.first("host") == nil)
    }

    @Test func fieldsOfCORSReplaceThoseOfTheEndpoint() {
        var head = HTTPFieldBlock.response(status: 200)
        for (name, value) in [
            ("access-control-allow-origin", "*"), ("vary", "origin"), ("access-control-allow-origin", "a"),
        ] {
            head.append(name: name, value: value)
        }
        FieldEditing.replace(
            with: [(Array("access-control-allow-origin".utf8), Array("https://b".utf8))], in: &head)
        #expect(head.all("access-control-allow-origin") == ["https://b"])
        #expect(head.status == 200 && head.all("vary") == ["origin"])
    }

    @Test func flagsAreWrittenInEnvoysOrder() {
        #expect(ResponseFlags([.retryLimit, .upstreamFailure]).text == "UF,URX")
        #expect(ResponseFlags([.faultInjected, .delayInjected]).text == "DI,FI")
        #expect(ResponseFlags().text.isEmpty)
    }
}
