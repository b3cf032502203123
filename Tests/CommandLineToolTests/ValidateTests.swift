import Foundation
import MeshModel
import Testing

@testable import CommandLineTool

/// Documents that are refused, and how: file and line, field, value, problem, remedy.
@Suite struct ValidateTests {
    static let good = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec:
          selector: {app: web}
          ports: [{name: http, port: 80, targetPort: 8080}]

        """

    @Test func files() async throws {
        let transcript = try Transcript()
        try transcript.file("shop/2-web.yaml", Self.good)
        try transcript.file(
            "shop/1-accounts.yml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n")
        try transcript.file(
            "shop/deep/policy.json",
            """
            {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
             "metadata": {"name": "default"}, "spec": {"mtls": {"mode": "STRICT"}}}
            """)
        try transcript.file("shop/notes.txt", "not read")
        await transcript.run("validate -f @shop")
        await transcript.run("validate -R -f @shop")
        await transcript.run("validate -f -", input: Self.good)
        await transcript.run("validate -f @shop/notes.txt")
        await transcript.run("validate -f @absent.yaml")
        await transcript.run("validate -f https://example.com/a.yaml")
        await transcript.run("validate")
        await transcript.run("validate -f -", input: "# nothing\n---\n")
        await transcript.run("validate -n office -f @shop/2-web.yaml")
        try transcript.file(
            "warned.yaml",
            "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a}\nspec: {}\n---\n"
                + Self.good.replacing("  selector:", with: "  type: LoadBalancer\n  selector:"))
        await transcript.run("validate -f @warned.yaml")
        try transcript.matches("validate-files")
    }

    @Test func badDocuments() async throws {
        let transcript = try Transcript()
        let documents: [(name: String, text: String)] = [
            ("broken.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a\nspec: [\n"),
            ("kind.yaml", "apiVersion: v1\nkind: Sprocket\nmetadata: {name: a}\n"),
            (
                "later.yaml",
                "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}\nspec: {hostnames: [a]}\n"
            ),
            (
                "field.yaml",
                "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  selector: {app: a}\n  prots:\n  - port: 80\n"
            ),
            (
                "type.yaml",
                "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n  - name: http\n    port: eighty\n"
            ),
            (
                "cidr.yaml",
                """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: a}
                spec:
                  rules:
                  - from:
                    - source:
                        ipBlocks:
                        - 10.0.0.0/8
                        - 10.0.0.0/33

                """
            ),
            (
                "twice.yaml",
                "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n"
            ),
            ("key.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n  name: b\n"),
            (
                "many.yaml",
                "apiVersion: v1\nkind: Service\nmetadata: {name: Bad_Name}\nspec:\n  ports: [{port: 70000}]\n---\napiVersion: v1\nkind: Nothing\nmetadata: {name: b}\n"
            ),
            ("scalar.yaml", "just text\n"),
        ]
        for document in documents {
            try transcript.file(document.name, document.text)
            await transcript.run("validate -f @\(document.name)")
        }
        await transcript.run("validate -f @kind.yaml -f @type.yaml -f @twice.yaml")
        try transcript.matches("validate-bad")
    }

    /// The first seed's list item carries the key `route` twice: the last counts, and it is said.
    @Test func repeatedKeys() async throws {
        let transcript = try Transcript()
        let routes = """
            apiVersion: networking.istio.io/v1beta1
            kind: VirtualService
            metadata: {name: a}
            spec:
              hosts: [a]
              http:
              - route:
                - destination: {host: a, subset: v2}
                  weight: 10
                "route":
                - destination: {host: a, subset: v3}
                'route':
                - destination: {host: a, subset: v1}
                  weight: 90

            """
        try transcript.file("repeated.yaml", routes)
        try transcript.file("flow.yaml", routes.replacing("hosts: [a]", with: "hosts: [a]\n  hosts: [b]"))
        try transcript.file("name.yaml", routes.replacing("{name: a}", with: "{name: a, name: b}"))
        try transcript.file("policy.yaml", routes.replacing("kind: VirtualService", with: "kind: PeerAuthentication"))
        for name in ["repeated", "flow", "name", "policy"] { await transcript.run("validate -f @\(name).yaml") }
        try transcript.matches("validate-repeated")
        let read = YAMLReader.read(Array(routes.utf8), source: "a")
        let routesLeft = read.documents.first?.value["spec"]?["http"]?.elements.first?["route"]?.elements
        #expect(routesLeft?.first?["destination"]?["subset"]?.asString == "v1")
    }

    /// What a cluster's files hold beside what is served is left out; alone it is refused.
    @Test func clusterDocuments() async throws {
        let transcript = try Transcript()
        let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {}\n"
        try transcript.file("both.yaml", deployment + "---\n" + Self.good)
        try transcript.file("alone.yaml", deployment)
        try transcript.file(
            "route.yaml",
            Self.good + "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}\n")
        for name in ["both", "alone", "route"] { await transcript.run("validate -f @\(name).yaml") }
        try transcript.matches("validate-cluster")
    }

    private static let shared = Fixture.folder.resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")

    /// Unmodified: what courses and Istio's samples hold is taken, but for the Gateway API, which is refused by name.
    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: shared.path), "../shared with Istio's samples is missing"))
    func sharedFiles() async throws {
        var count = 0
        for folder in ["seed-configs", "istio-samples"] {
            let root = Self.shared.appendingPathComponent(folder)
            let found = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
            for name in found.sorted() where name.hasSuffix(".yaml") {
                let path = root.appendingPathComponent(name).path
                let text = try String(contentsOfFile: path, encoding: .utf8)
                let isRefused = text.contains("gateway.networking.k8s.io/")
                let hasServed = text.split(separator: "\n").contains { line in
                    [
                        "Service", "ServiceAccount", "ServiceEntry", "VirtualService", "DestinationRule", "Gateway",
                        "PeerAuthentication",
                    ]
                    .contains { line == "kind: \($0)" }
                }
                let transcript = try Transcript()
                let status = await transcript.run("validate -f \(path)")
                #expect(status == (isRefused || !hasServed ? 65 : 0), "\(name)")
                count += 1
            }
        }
        #expect(count >= 50)
    }

    /// What the project gives to people must be right.
    @Test func samples() async throws {
        let root = Fixture.folder.resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        // README applies this folder as it is.
        let transcript = try Transcript()
        #expect(await transcript.run("validate -f \(root.appendingPathComponent("samples/two-hosts").path)") == 0)
        let folders = ["policies", "two-hosts"].map { root.appendingPathComponent("samples/\($0)").path }
        for path in try folders.flatMap({ folder in
            try FileManager.default.contentsOfDirectory(atPath: folder).map { "\(folder)/\($0)" }
        }) + ["external-service", "static-workload"].map({ root.appendingPathComponent("samples/\($0).yaml").path }) {
            let transcript = try Transcript()
            #expect(await transcript.run("validate -f \(path)") == 0, "\(path)")
        }
    }

    @Test func listsKeepTheirPlaces() async throws {
        let transcript = try Transcript()
        try transcript.file(
            "list.yaml",
            """
            apiVersion: v1
            kind: List
            items:
            - apiVersion: v1
              kind: ServiceAccount
              metadata: {name: a}
            - apiVersion: v1
              kind: Service
              metadata: {name: b}
              spec:
                ports:
                - port: 0

            """)
        await transcript.run("validate -f @list.yaml")
        try transcript.matches("validate-list")
    }
}
