import MeshModel
import MeshPolicy
import Testing

@testable import ControlPlane

@Suite("Who may have what acts on requests")
struct WaypointAudienceTests {
    private func resource(
        _ kind: ResourceKind, _ name: String, in namespace: String = "infra", labels: [String: String] = [:],
        _ spec: String = "{}"
    ) throws -> Resource {
        let metadata = ResourceMetadata(name: name, namespace: namespace, labels: labels)
        return Resource(kind: kind, metadata: metadata, spec: try JSONValue(parsing: spec.utf8))
    }

    private func proxy(_ node: String, in namespace: String = "infra", _ labels: [String: String]) throws -> Resource {
        var all = labels
        all["ambit.io/node"] = node
        return try resource(.workloadEntry, "w-\(node)", in: namespace, labels: all, #"{"address":"10.0.0.1"}"#)
    }

    private let gateway = #"""
        {"selector":{"istio":"ingressgateway"},"servers":[{"port":{"number":443,"name":"x","protocol":"HTTPS"},
        "hosts":["*"],"tls":{"mode":"SIMPLE","credentialName":"web"}}]}
        """#

    @Test("nodes that run a gateway or waypoint get the routes, others nothing")
    func routes() throws {
        let resources = try [
            resource(.gateway, "g", in: "shop", gateway), proxy("edge", ["istio": "ingressgateway"]),
            proxy("plain", ["app": "web"]),
            resource(
                .service, "waypoint", labels: ["istio.io/waypoint-for": "service"], #"{"selector":{"app":"waypoint"}}"#),
            proxy("way", ["app": "waypoint"]), proxy("elsewhere", in: "shop", ["app": "waypoint"]),
        ]
        let audience = WaypointAudience(resources)
        #expect(audience.nodes == ["edge", "way"])
        #expect(audience.nodes(for: try resource(.virtualService, "v", in: "shop")) == ["edge", "way"])
        #expect(
            audience.nodes(for: try resource(.service, "waypoint", labels: ["istio.io/waypoint-for": "service"])) == [
                "way"
            ])
    }

    @Test("a Secret goes to the node that runs the gateway which names it, in the Secret's own namespace")
    func secrets() throws {
        let resources = try [
            resource(.gateway, "g", in: "shop", gateway), proxy("edge", ["istio": "ingressgateway"]),
            proxy("other", in: "shop", ["istio": "ingressgateway"]), proxy("egress", ["istio": "egressgateway"]),
            resource(.gateway, "e", #"{"selector":{"istio":"egressgateway"},"servers":[]}"#),
        ]
        let audience = WaypointAudience(resources)
        #expect(audience.nodes == ["edge", "other", "egress"])
        #expect(audience.nodes(for: try resource(.secret, "web")) == ["edge"])
        #expect(audience.nodes(for: try resource(.secret, "web", in: "shop")) == ["other"])
        #expect(audience.nodes(for: try resource(.secret, "other")).isEmpty)
        #expect(audience.nodes(for: try resource(.secret, "web", in: "third")).isEmpty)
    }

    @Test("the roots beside a Secret go where the Secret goes, and a gateway's Service to the nodes that run it")
    func gateways() throws {
        let labels = ["istio": "ingressgateway", "gateway.networking.k8s.io/gateway-name": "in"]
        let service = try resource(
            .service, "in", labels: ["ambit.io/gateway": "true"], #"{"selector":{"istio":"ingressgateway"}}"#)
        let plain = try resource(.service, "plain", #"{"selector":{"istio":"ingressgateway"}}"#)
        let audience = WaypointAudience(
            try [
                resource(.gateway, "g", in: "shop", gateway), service, plain, proxy("edge", labels),
                proxy("way", ["gateway.networking.k8s.io/gateway-name": "other"]),
            ])
        #expect(audience.nodes(for: service) == ["edge"])
        #expect(audience.nodes(for: plain).isEmpty)
        #expect(audience.nodes(for: try resource(.secret, "web-cacert")) == ["edge"])
    }

    @Test("a Secret that a DestinationRule names for its client certificate goes to proxies of its namespace")
    func origination() throws {
        let resources = try [
            resource(.gateway, "e", #"{"selector":{"istio":"egressgateway"},"servers":[]}"#),
            proxy("egress", ["istio": "egressgateway"]),
            resource(
                .destinationRule, "d", in: "shop",
                #"{"host":"a.com","trafficPolicy":{"portLevelSettings":[{"port":{"number":443},"tls":{"mode":"MUTUAL","credentialName":"c"}}]}}"#
            ),
        ]
        #expect(WaypointAudience(resources).nodes(for: try resource(.secret, "c")) == ["egress"])
        #expect(WaypointAudience(resources).nodes(for: try resource(.secret, "c", in: "shop")).isEmpty)
    }

    @Test(
        "what is sent: nothing without a waypoint, nothing again for a new resourceVersion, and anew for a new audience"
    )
    func snapshots() throws {
        let edge = try proxy("edge", ["istio": "ingressgateway"])
        let second = try proxy("second", ["istio": "ingressgateway"])
        let listener = try resource(.gateway, "g", in: "shop", gateway)
        var route = try resource(.virtualService, "v", in: "shop", #"{"hosts":["a"]}"#)
        let key = try resource(.secret, "web")
        var encoder = DiscoveryEncoder(historyLimit: 8)
        let none = try encoder.encode(CompiledMesh(), resources: [listener, route, key], after: .empty)
        #expect(none.table(.networking).resources.isEmpty)
        let one = try encoder.encode(CompiledMesh(), resources: [listener, route, key, edge], after: none)
        #expect(
            one.table(.networking).resources.keys.sorted()
                == ["Gateway/shop/g", "Secret/infra/web", "VirtualService/shop/v"])
        var metadata = route.metadata
        metadata.resourceVersion = "12"
        metadata.generation = 4
        route.setMetadata(metadata)
        let same = try encoder.encode(CompiledMesh(), resources: [listener, route, key, edge], after: one)
        #expect(same.changedNames(.networking, since: one.revision) == [])
        let more = try encoder.encode(CompiledMesh(), resources: [listener, route, key, edge, second], after: same)
        #expect(more.changedNames(.networking, since: same.revision)?.count == 3)
        #expect(more.table(.networking).resources["Secret/infra/web"]?.isVisible(to: "second") == true)
        #expect(more.table(.networking).resources["Secret/infra/web"]?.isVisible(to: "third") == false)
    }
}
