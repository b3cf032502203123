import ControlPlane
import MeshModel
import Testing

@Suite("What clients ask first")
struct APIDiscoveryTests {
    @Test("discovery names every kind in every version, with short names and the status subresource")
    func discovery() async throws {
        let harness = try APIHarness()
        let groups = try await harness.document(200, "GET", "/apis")
        #expect(
            groups["groups"]?.asArray?.compactMap { $0["name"]?.asString } == [
                "networking.istio.io", "security.istio.io", "authorization.k8s.io", "authentication.k8s.io",
            ])
        #expect(groups["groups"]?.asArray?.first?.member("preferredVersion", "version") == .string("v1"))
        #expect(try await harness.document(200, "GET", "/api")["versions"] == .array([.string("v1")]))
        for kind in ResourceKind.allCases {
            for version in kind.versions {
                let path = kind.group.isEmpty ? "/api/v1" : "/apis/\(kind.group)/\(version)"
                let list = try await harness.document(200, "GET", path)
                let found = list["resources"]?.asArray?.first { $0["name"] == .string(kind.plural) }
                #expect(found?["kind"] == .string(kind.kind))
                #expect(found?["shortNames"]?.strings == kind.shortNames)
                #expect(found?["namespaced"] == .bool(kind.isNamespaced))
                let status = list["resources"]?.asArray?.contains { $0["name"] == .string(kind.plural + "/status") }
                #expect(status == kind.hasStatus)
            }
        }
        try await harness.document(200, "GET", "/apis/security.istio.io")
        try await harness.document(404, "GET", "/apis/security.istio.io/v1alpha3")
    }

    @Test("version, health and status")
    func health() async throws {
        let harness = try APIHarness()
        #expect(try await harness.document(200, "GET", "/version")["gitVersion"]?.asString?.contains("ambit") == true)
        #expect(try await harness.document(200, "GET", "/ambit/v1/status")["version"] == .string("test"))
        for path in ["/healthz", "/livez", "/readyz"] {
            guard case .text(let text) = await harness.call("GET", path).body else {
                Issue.record("\(path) answers no text")
                return
            }
            #expect(text == "ok")
        }
    }

    @Test("OpenAPI in the form that kubectl reads, and in the one that people do")
    func openAPI() async throws {
        let harness = try APIHarness()
        let reply = await harness.call(
            "GET", "/openapi/v2", accept: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf")
        guard case .binary(let bytes, let type) = reply.body else {
            Issue.record("no protobuf message")
            return
        }
        #expect(type == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
        #expect(
            bytes.starts(
                with: [0x0A, 3] + Array("2.0".utf8) + [0x12, 13, 0x0A, 5] + Array("Ambit".utf8) + [0x12, 4]
                    + Array("test".utf8)))
        let whole = try await harness.document(200, "GET", "/openapi/v2")
        #expect(whole["swagger"] == .string("2.0"))
        let listed = try #require(try await harness.document(200, "GET", "/openapi/v3")["paths"]?.asObject)
        #expect(
            listed.keys == [
                "api/v1", "apis/networking.istio.io/v1", "apis/networking.istio.io/v1beta1",
                "apis/networking.istio.io/v1alpha3", "apis/security.istio.io/v1", "apis/security.istio.io/v1beta1",
            ])
        for (place, entry) in listed.list {
            let path = try #require(entry["serverRelativeURL"]?.asString)
            #expect(path.hasPrefix("/openapi/v3/\(place)?hash="))
            let document = try await harness.document(200, "GET", path)
            // The references of a document lead somewhere in it.
            let schemas = try #require(document.member("components", "schemas")?.asObject)
            for target in Self.references(in: document) {
                #expect(schemas[target.replacing("#/components/schemas/", with: "")] != nil, "\(target)")
            }
        }
        let definitions = try #require(whole["definitions"]?.asObject)
        for target in Self.references(in: whole) {
            #expect(definitions[target.replacing("#/definitions/", with: "")] != nil, "\(target)")
        }
        try await harness.document(404, "GET", "/openapi/v3/apis/apps/v1")
    }

    private static func references(in value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap(references)
        case .object(let object):
            object.list.flatMap { key, member in
                key == "$ref" ? [member.asString ?? ""] : references(in: member)
            }
        default: []
        }
    }

    @Test("kubectl finds out by the paths that writes can be tried, and how lists merge")
    func writeParameters() async throws {
        let harness = try APIHarness()
        let document = try await harness.document(200, "GET", "/openapi/v2")
        for kind in ResourceKind.allCases {
            for version in kind.versions {
                let root = kind.group.isEmpty ? "/api/v1" : "/apis/\(kind.group)/\(version)"
                let place = kind.isNamespaced ? "/namespaces/{namespace}" : ""
                let patch = document["paths"]?["\(root)\(place)/\(kind.plural)/{name}"]?["patch"]
                #expect(patch?["parameters"]?.asArray?.contains { $0["name"] == .string("dryRun") } == true)
                #expect(patch?.member("x-kubernetes-group-version-kind", "kind") == .string(kind.kind))
            }
        }
        let ports = document.member(
            "definitions", "io.k8s.api.core.v1.Service", "properties", "spec", "properties", "ports")
        #expect(ports?["x-kubernetes-patch-merge-key"] == .string("port"))
    }

    @Test("kubectl's table has the columns of each kind")
    func tables() async throws {
        let shop = try await APIHarness.shop()
        let accept =
            "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
        let table = try await shop.document(200, "GET", APIHarness.services, accept: accept)
        #expect(table["kind"] == .string("Table"))
        let columns = table["columnDefinitions"]?.asArray ?? []
        #expect(
            columns.compactMap { $0["name"]?.asString } == ["Name", "Type", "Cluster-IP", "Port(s)", "Age", "Selector"])
        #expect(columns.compactMap { $0["priority"]?.asInt } == [0, 0, 0, 0, 0, 1])
        let row = table["rows"]?.asArray?.first
        #expect(row?["cells"]?.strings.prefix(4) == ["web", "ClusterIP", "<allocated>", "80/TCP"])
        #expect(row?.member("object", "kind") == .string("PartialObjectMetadata"))
        let one = try await shop.document(200, "GET", APIHarness.services + "/web?includeObject=Object", accept: accept)
        #expect(one["rows"]?.asArray?.first?.member("object", "spec") != nil)
        try await shop.document(400, "GET", APIHarness.services + "?includeObject=All", accept: accept)
        for kind in ResourceKind.allCases {
            let path = (kind.group.isEmpty ? "/api/v1/" : "/apis/\(kind.group)/v1/") + kind.plural
            let table = try await shop.document(200, "GET", path, accept: accept)
            let count = table["columnDefinitions"]?.asArray?.count
            for row in table["rows"]?.asArray ?? [] { #expect(row["cells"]?.asArray?.count == count) }
        }
        // Forms that are not served are passed over for one that is.
        let plain = try await shop.document(
            200, "GET", APIHarness.services,
            accept: "application/vnd.kubernetes.protobuf, application/json;as=Table;v=v9;g=x, application/json")
        #expect(plain["kind"] == .string("ServiceList"))
    }
}
