import Foundation
import Synchronization
import Testing

@testable import CommandLineTool

/// `apply`, `get`, `describe` and `delete` against a resource API in this process.
@Suite struct ResourceTests {
    private static let policy = """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: web-clients, namespace: shop}
        spec:
          selector: {matchLabels: {app: web}}
          rules:
          - from:
            - source: {principals: [cluster.local/ns/shop/sa/frontend]}

        """

    private func withAPI(
        _ api: FakeAPI = FakeAPI(), _ name: String? = nil, _ body: (Transcript) async throws -> Void
    ) async throws {
        let server = try await FakeServer.start(tls: true) { api.handle($0) }
        let environment = ["AMBIT_KUBECONFIG": FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"]
        let transcript = try Transcript(environment: environment, replacing: [(":\(server.port)", ":6443")])
        let kubeconfig = try #require(environment["AMBIT_KUBECONFIG"])
        try Data(try Fixture.kubeconfig(port: server.port).utf8).write(to: URL(fileURLWithPath: kubeconfig))
        try await body(transcript)
        try await server.stop()
        try FileManager.default.removeItem(atPath: kubeconfig)
        if let name { try transcript.matches(name) }
    }

    @Test func apply() async throws {
        let api = FakeAPI()
        let namespace = #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}}"#
        api.store(["/api/v1/namespaces/default": namespace])
        try await withAPI(api, "apply") { transcript in
            // The namespace comes last in the input and is applied first.
            try transcript.file("shop.yaml", Self.policy + "---\n" + ValidateTests.good)
            await transcript.run("apply -f @shop.yaml --dry-run client")
            #expect(api.state.withLock { $0.requests.isEmpty })
            await transcript.run("apply -f @shop.yaml --dry-run=server")
            #expect(api.state.withLock { $0.objects.count } == 1)
            await transcript.run("apply -f @shop.yaml")
            await transcript.run("apply -f @shop.yaml")
            try transcript.file(
                "shop.yaml", Self.policy.replacing("frontend", with: "batch") + "---\n" + ValidateTests.good)
            await transcript.run("apply -f @shop.yaml --dry-run=server")
            await transcript.run("apply -f @shop.yaml")
            await transcript.run("apply -f -", input: "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: here}\n")
            await transcript.run(
                "apply -n shop -f -", input: "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: there}\n")
        }
        let paths = api.state.withLock { $0.objects.keys.sorted() }
        #expect(
            paths == [
                "/api/v1/namespaces/default", "/api/v1/namespaces/default/serviceaccounts/here",
                "/api/v1/namespaces/shop",
                "/api/v1/namespaces/shop/serviceaccounts/there", "/api/v1/namespaces/shop/services/web",
                "/apis/security.istio.io/v1/namespaces/shop/authorizationpolicies/web-clients",
            ])
    }

    @Test func nothingIsHalfApplied() async throws {
        let api = FakeAPI()
        try await withAPI(api, "apply-bad") { transcript in
            try transcript.file("a-good.yaml", ValidateTests.good)
            try transcript.file(
                "b-bad.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec:\n  prots: []\n")
            try transcript.file("c-broken.yaml", "kind: [\n")
            await transcript.run("apply -f @a-good.yaml -f @b-bad.yaml -f @c-broken.yaml")
        }
        #expect(api.state.withLock { $0.requests.isEmpty })
    }

    @Test func namespacesMustBeThere() async throws {
        let api = FakeAPI()
        try await withAPI(api, "apply-namespace") { transcript in
            try transcript.file("shop.yaml", Self.policy + "---\n" + Self.policy.replacing("shop", with: "office"))
            await transcript.run("apply -f @shop.yaml")
        }
        #expect(api.state.withLock { $0.objects.isEmpty })
    }

    @Test func serverRefusesMidway() async throws {
        let api = FakeAPI()
        api.state.withLock { state in
            state.refusals["/api/v1/namespaces/shop/services/web"] = FakeAPI.status(
                422, "Service web is invalid", causes: [("spec.clusterIP", "10.0.0.1 is taken by shop/other")])
        }
        try await withAPI(api, "apply-midway") { transcript in
            try transcript.file("shop.yaml", ValidateTests.good + "---\n" + Self.policy)
            await transcript.run("apply -f @shop.yaml")
        }
    }

    @Test func get() async throws {
        let api = Self.shop()
        try await withAPI(api, "get") { transcript in
            for line in [
                "get services -n shop", "get svc -A -o wide", "get svc/web authorizationpolicy/web-clients -n shop",
                "get ap,pa,we,se -n shop", "get all -A", "get namespaces", "get svc web -n shop -o yaml",
                "get svc web -n shop -o json", "get svc,se -n shop -o yaml", "get svc,ap -A -o name",
                "get svc -n shop --no-headers", "get svc", "get all -A -l app=nothing", "get wg -A",
                "get svc nothing -n shop",
                "get sprockets", "get", "get svc -o short", "get svc web -A", "get svc -n a -A", "get svc,ap -w",
            ] {
                await transcript.run(line)
            }
        }
        let requests = api.state.withLock { $0.requests }
        #expect(requests.contains("GET /api/v1/services?labelSelector=app=nothing"))
    }

    @Test func describe() async throws {
        let api = Self.shop()
        api.state.withLock {
            $0.pages["/ambit/v1/status"] = .init(body: #"{"trustDomain":"cluster.local","nodes":[]}"#)
        }
        try await withAPI(api, "describe") { transcript in
            for line in [
                "describe svc -n shop", "describe serviceentry/pay -n shop", "describe we web-1 -n shop",
                "describe ap -n shop",
                "describe pa default -n shop", "describe ns shop", "describe sa web -n shop", "describe svc",
                "describe svc nothing -n shop",
            ] {
                await transcript.run(line)
            }
        }
    }

    @Test func watch() async throws {
        let api = Self.shop()
        api.state.withLock { state in
            let service = state.objects["/api/v1/namespaces/shop/services/web"] ?? ""
            state.events = [
                #"{"type":"MODIFIED","object":\#(service)}"#, #"{"type":"DELETED","object":\#(service)}"#,
                #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"900"}}}"#,
                #"{"type":"ERROR","object":{"kind":"Status","code":500,"message":"the store is closed"}}"#,
            ]
        }
        try await withAPI(api, "get-watch") { transcript in
            await transcript.run("get svc -n shop -w")
            await transcript.run("get svc -n shop -w -o name")
        }
    }

    @Test func delete() async throws {
        let api = Self.shop()
        try await withAPI(api, "delete") { transcript in
            await transcript.run("delete svc nothing -n shop")
            await transcript.run("delete svc nothing -n shop --ignore-not-found")
            await transcript.run("delete svc nothing web -n shop")
            try transcript.file("shop.yaml", ValidateTests.good + "---\n" + Self.policy)
            await transcript.run("delete -f @shop.yaml")
            await transcript.run("delete svc")
            await transcript.run("delete")
            try transcript.file("bad.yaml", "kind: Sprocket\nmetadata: {name: a}\n---\nkind: Service\nmetadata: {}\n")
            await transcript.run("delete -f @bad.yaml")
        }
        #expect(api.state.withLock { $0.objects["/api/v1/namespaces/shop"] } == nil)
    }

    /// A mesh with two services, three workloads and two policies.
    static func shop() -> FakeAPI {
        let api = FakeAPI()
        let times = #""creationTimestamp":"2026-11-21T06:00:00Z","resourceVersion":"7","uid":"u-1""#
        func object(_ version: String, _ kind: String, _ name: String, _ rest: String, labels: String = "{}") -> String
        {
            #"{"apiVersion":"\#(version)","kind":"\#(kind)","metadata":{"name":"\#(name)","namespace":"shop","#
                + #""labels":\#(labels),"managedFields":[],\#(times)}\#(rest)}"#
        }
        func entry(_ name: String, _ app: String, _ address: String, _ account: String, _ node: String) -> String {
            object(
                "networking.istio.io/v1", "WorkloadEntry", name,
                #","spec":{"address":"\#(address)","labels":{"app":"\#(app)"},"ports":{"http":8080},"serviceAccount":"\#(account)","network":""}"#,
                labels: #"{"ambit.io/node":"\#(node)","app":"\#(app)"}"#)
        }
        let networking = "/apis/networking.istio.io/v1/namespaces/shop"
        let security = "/apis/security.istio.io/v1/namespaces/shop"
        api.store([
            "/api/v1/namespaces/shop":
                #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop",\#(times),"labels":{"istio.io/use-waypoint":"gate"}}}"#,
            "/api/v1/namespaces/shop/serviceaccounts/web": object("v1", "ServiceAccount", "web", ""),
            "/api/v1/namespaces/shop/services/web": object(
                "v1", "Service", "web",
                #","spec":{"clusterIP":"240.240.0.1","clusterIPs":["240.240.0.1"],"type":"ClusterIP","selector":{"app":"web"},"#
                    + #""ports":[{"name":"http","port":80,"protocol":"TCP","targetPort":"http"},{"name":"admin","port":81,"targetPort":"admin"}]}"#
            ),
            "/api/v1/namespaces/shop/services/idle": object(
                "v1", "Service", "idle",
                #","spec":{"clusterIP":"None","selector":{"app":"idle"},"ports":[{"port":9000}]}"#),
            "\(networking)/workloadentries/web-1": entry("web-1", "web", "10.77.2.10", "web", "host-2"),
            "\(networking)/workloadentries/web-2": entry("web-2", "web", "10.77.2.11", "web", "host-2"),
            "\(networking)/workloadentries/frontend": entry("frontend", "frontend", "10.77.1.10", "frontend", "host-1"),
            "\(networking)/serviceentries/pay": object(
                "networking.istio.io/v1", "ServiceEntry", "pay",
                #","spec":{"hosts":["pay.example.com"],"resolution":"STATIC","ports":[{"number":443,"name":"https","protocol":"TLS"}],"#
                    + #""endpoints":[{"address":"203.0.113.7"}]},"status":{"addresses":[{"value":"240.240.0.7"}]}"#),
            "\(security)/authorizationpolicies/web-clients": object(
                "security.istio.io/v1", "AuthorizationPolicy", "web-clients",
                #","spec":{"selector":{"matchLabels":{"app":"web"}},"action":"ALLOW","rules":[{"from":[{"source":{"principals":["cluster.local/ns/shop/sa/frontend"]}}]}]}"#
            ),
            "\(security)/authorizationpolicies/lost": object(
                "security.istio.io/v1", "AuthorizationPolicy", "lost",
                #","spec":{"selector":{"matchLabels":{"app":"gone"}},"action":"DENY","rules":[{}]}"#),
            "\(security)/peerauthentications/default": object(
                "security.istio.io/v1", "PeerAuthentication", "default", #","spec":{"mtls":{"mode":"STRICT"}}"#),
        ])
        return api
    }
}
