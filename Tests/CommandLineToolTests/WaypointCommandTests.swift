import MeshModel
import Synchronization
import Testing

@testable import CommandLineTool

/// `ambitctl waypoint` against a resource API in memory.
@Suite struct WaypointCommandTests {
    private static func entry(_ node: String, healthy: Bool) -> String {
        #"{"kind":"WorkloadEntry","metadata":{"name":"waypoint-\#(node)","namespace":"shop","labels":{"ambit.io/node":"\#(node)"}},"#
            + #""spec":{"address":"10.0.0.1","labels":{"gateway.networking.k8s.io/gateway-name":"waypoint"}},"#
            + #""status":{"conditions":[{"type":"Healthy","status":"\#(healthy ? "True" : "False")"}]}}"#
    }

    private static let entries = "/apis/networking.istio.io/v1/namespaces/shop/workloadentries"
    private static let services = "/api/v1/namespaces/shop/services"
    private static let namespace = #"{"kind":"Namespace","metadata":{"name":"shop"}}"#

    private func transcript(_ objects: [String: String], _ lines: [String]) async throws -> (Transcript, FakeAPI) {
        let api = FakeAPI()
        api.store(objects)
        api.state.withLock {
            $0.pages["/ambit/v1/nodes"] = .init(
                body: #"{"items":[{"name":"host-2","standing":"active","grants":["shop/waypoint"]},"#
                    + #"{"name":"host-3","standing":"active","grants":["shop/web"]}]}"#)
            $0.pages["/ambit/v1/nodes/host-3/grants"] = .init(body: #"{"grants":["shop/waypoint"]}"#)
        }
        let server = try await FakeServer.start(tls: true, handler: api.handle)
        let transcript = try Transcript(replacing: [(":\(server.port)", ":6443")])
        try transcript.file("kubeconfig", try Fixture.kubeconfig(port: server.port))
        for line in lines {
            await transcript.run(line + (line.contains("generate") ? "" : " --kubeconfig @kubeconfig"))
        }
        try await server.stop()
        return (transcript, api)
    }

    @Test func aGatewayIsMadeShownAndDeleted() async throws {
        let (transcript, api) = try await transcript(
            [
                "/api/v1/namespaces/shop": Self.namespace,
                "\(Self.services)/web": #"{"kind":"Service","metadata":{"name":"web","namespace":"shop"}}"#,
                "/apis/networking.istio.io/v1/namespaces/shop/gateways/front":
                    #"{"kind":"Gateway","metadata":{"name":"front","namespace":"shop"},"spec":{"selector":{"istio":"in"},"#
                    + #""servers":[{"port":{"number":443}},{"port":{"number":80}},{"port":{"number":80}}]}}"#,
            ],
            [
                "gateway list -n shop", "gateway apply istio-in -n shop",
                "gateway apply edge -n shop --labels istio=edge,zone=a --port web:8080 --node host-3",
                "gateway apply web -n shop", "gateway apply istio-in -n none", "gateway list -n shop",
                "gateway apply edge -n shop --labels istio=edge,zone=a --wait --gateway-timeout 1s",
                "gateway delete other -n shop", "gateway delete edge istio-in -n shop", "gateway list -A",
            ])
        try transcript.matches("gateway")
        let grant = "POST /ambit/v1/nodes/host-3/grants"
        #expect(api.state.withLock { $0.requests.contains(grant) })
    }

    @Test func aGatewaysFailingServersAreShown() async throws {
        let service = GatewayService(namespace: "shop", name: "edge", labels: [], ports: []).document.compactText
        func entry(_ node: String, _ conditions: String) -> String {
            #"{"kind":"WorkloadEntry","metadata":{"name":"edge-\#(node)","namespace":"shop","labels":{"ambit.io/node":"\#(node)"}},"#
                + #""spec":{"address":"10.0.0.1","labels":{"app":"edge","istio":"edge","gateway.networking.k8s.io/gateway-name":"edge"}},"#
                + #""status":{"conditions":[{"type":"Healthy","status":"True"}\#(conditions)]}}"#
        }
        let (transcript, _) = try await transcript(
            [
                "/api/v1/namespaces/shop": Self.namespace,
                "\(Self.services)/edge": service,
                "\(Self.entries)/edge-host-2": entry(
                    "host-2",
                    #",{"type":"ServersReady","status":"False","reason":"ServersFail","message":"port 80 cannot be opened: EADDRINUSE"}"#
                ),
                "\(Self.entries)/edge-host-3": entry("host-3", #",{"type":"ServersReady","status":"True"}"#),
                "\(Self.services)/out":
                    GatewayService(namespace: "shop", name: "out", labels: [], ports: []).document.compactText,
            ],
            [
                "gateway list -n shop", "gateway status -n shop", "gateway status edge -n shop --wait",
                "gateway status other -n shop", "gateway status -n none",
                "gateway status out -n shop --wait --gateway-timeout 1s",
            ])
        try transcript.matches("gateway-running")
    }

    @Test func aWaypointIsMadeShownAndDeleted() async throws {
        let (transcript, api) = try await transcript(
            [
                "/api/v1/namespaces/shop": Self.namespace,
                "\(Self.services)/web":
                    #"{"kind":"Service","metadata":{"name":"web","namespace":"shop","labels":{"istio.io/use-waypoint":"waypoint"}}}"#,
            ],
            [
                "waypoint list -n shop", "waypoint status -n shop", "waypoint apply -n shop --enroll-namespace",
                "waypoint apply -n shop --for all --node host-3", "waypoint apply -n shop --name web",
                "waypoint apply -n shop --name second", "waypoint apply -n none", "waypoint apply --overwrite",
                "waypoint list -n shop", "waypoint list -A", "waypoint status waypoint -n shop",
                "waypoint status waypoint -n shop --wait --waypoint-timeout 1s", "waypoint status other -n shop",
                "waypoint generate -n shop --for workload --name edge", "waypoint delete",
                "waypoint delete other -n shop",
                "waypoint delete waypoint -n shop", "waypoint delete --all -n shop", "waypoint delete --all -n shop",
            ])
        try transcript.matches("waypoint")
        let patch =
            #"{"metadata":{"labels":{"istio.io/use-waypoint":"waypoint","istio.io/use-waypoint-namespace":null}}}"#
        #expect(api.state.withLock { $0.requests.contains(patch) })
    }

    @Test func whatRunsIsShown() async throws {
        let service = WaypointService(namespace: "shop", name: "waypoint", traffic: .service).document.compactText
        let (transcript, _) = try await transcript(
            [
                "/api/v1/namespaces/shop":
                    #"{"kind":"Namespace","metadata":{"name":"shop","labels":{"istio.io/use-waypoint":"old"}}}"#,
                "\(Self.services)/waypoint": service,
                "\(Self.entries)/waypoint-host-2": Self.entry("host-2", healthy: true),
                "\(Self.entries)/waypoint-host-3": Self.entry("host-3", healthy: false),
            ],
            [
                "waypoint list -n shop", "waypoint status -n shop --wait", "waypoint apply -n shop --wait",
                "waypoint apply -n shop --enroll-namespace", "waypoint apply -n shop --enroll-namespace --overwrite",
                "waypoint delete waypoint -n shop",
            ])
        try transcript.matches("waypoint-running")
    }

    @Test func aReplicaThatWaitsIsNamed() throws {
        let service = WaypointService(namespace: "shop", name: "waypoint", traffic: .service).document
        let entry = try JSONValue(parsing: Array(Self.entry("host-3", healthy: false).utf8))
        let view = try #require(WaypointView.all(services: [service], entries: [entry]).first)
        #expect(!view.isProgrammed && view.programmed.reason == "NotReady")
        #expect(
            view.programmed.message == "0 of 1 ready; on host-3: systemctl status ambit-waypoint@waypoint.shop.service")
    }

    @Test(arguments: [
        ("shop/waypoint", true), ("shop/*", true), ("*/waypoint", true), ("*/*", true), ("shop/web", false),
        ("x", false),
    ])
    func grantsCover(_ grant: String, _ covers: Bool) {
        #expect(WaypointGrants.covers(grant, "shop/waypoint") == covers)
    }
}
