import HTTPWire
import MeshModel
import MeshPolicy
import RE2Engine
import Testing

@testable import WaypointCore

/// What discovery sends becomes routes.
@Suite struct RoutingCompilerTests {
    private static func resource(_ kind: ResourceKind, _ name: String, _ spec: String) throws -> Resource {
        let text = #"{"metadata":{"name":"\#(name)","namespace":"shop"},"spec":\#(spec)}"#
        return Resource(kind: kind, object: try JSONValue(parsing: Array(text.utf8)))
    }

    private static func compiler() throws -> RoutingCompiler {
        var configuration = WaypointConfiguration()
        configuration.namespace = "shop"
        configuration.name = "waypoint"
        configuration.serviceAccount = "waypoint"
        return RoutingCompiler(configuration, RE2Engine())
    }

    private static let snapshot: MeshSnapshot = {
        var builder = SnapshotBuilder()
        return builder.apply(
            updates: [
                .service(
                    Service(
                        name: "web", namespace: "shop", hostname: "web.shop.svc.cluster.local",
                        ports: [ServicePort(port: 80, targetPort: 8080)]))
            ])
    }()

    private static func objects(_ all: [Resource]) -> [String: Resource] {
        Dictionary(uniqueKeysWithValues: all.map { ("\($0.kind)/\($0.metadata.name)", $0) })
    }

    @Test func aDocumentThatCannotBeReadIsSaidAndTheOthersHold() throws {
        var compiler = try Self.compiler()
        let state = compiler.compile(
            Self.snapshot,
            Self.objects([
                try Self.resource(.virtualService, "broken", #"{"hosts":["web"],"http":7}"#),
                try Self.resource(
                    .virtualService, "good", #"{"hosts":["web"],"http":[{"directResponse":{"status":204}}]}"#),
            ]))
        #expect(state.notes.contains { $0.contains("broken") && $0.contains("has no effect") }, "\(state.notes)")
        #expect(!state.notes.contains { $0.contains("good") }, "\(state.notes)")
        #expect(state.snapshot === Self.snapshot)
    }

    @Test func settingsThatHaveAnEffectNeedNoWords() throws {
        var compiler = try Self.compiler()
        let rule = try Self.resource(
            .destinationRule, "web",
            #"""
            {"host":"web","trafficPolicy":{"tls":{"mode":"SIMPLE"},"proxyProtocol":{"version":"V1"},
             "tunnel":{"targetHost":"proxy.example","targetPort":3128},
             "connectionPool":{"tcp":{"maxConnectionDuration":"9s","maxConnections":1}}}}
            """#)
        let notes = compiler.compile(Self.snapshot, Self.objects([rule])).notes
        #expect(notes.isEmpty, "\(notes)")
    }

    @Test func aGatewayServesWhatItsServiceSelectsAndSaysWhatItLacks() throws {
        var configuration = WaypointConfiguration()
        configuration.role = .gateway
        configuration.namespace = "shop"
        configuration.name = "in"
        var compiler = RoutingCompiler(configuration, RE2Engine())
        let gateway = try Self.resource(
            .gateway, "web",
            #"""
            {"selector":{"istio":"in"},"servers":[
              {"port":{"number":443,"name":"x","protocol":"HTTPS"},"hosts":["*"],"tls":{"credentialName":"web"}}]}
            """#)
        #expect(compiler.compile(Self.snapshot, Self.objects([gateway])).notes.isEmpty, "its Service is not there")
        let service = try Self.resource(.service, "in", #"{"selector":{"istio":"in"}}"#)
        let notes = compiler.compile(Self.snapshot, Self.objects([gateway, service])).notes
        #expect(
            notes == [
                "Gateway shop/web servers[0]: there is no Secret web in namespace shop: its TLS handshakes fail"
            ])
    }

    @Test func whatIsGoneIsForgotten() throws {
        var compiler = try Self.compiler()
        let broken = try Self.resource(.virtualService, "broken", #"{"hosts":["web"],"http":7}"#)
        #expect(!compiler.compile(Self.snapshot, Self.objects([broken])).notes.isEmpty)
        #expect(compiler.compile(Self.snapshot, [:]).notes.isEmpty)
    }
}
