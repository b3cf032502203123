import MeshModel
import Testing

@testable import ControlPlane

@Suite("Secrets")
struct SecretTests {
    private static let secret = """
        {"metadata":{"name":"web"},"stringData":{"tls.crt":"-----BEGIN CERTIFICATE-----\\nx\\n-----END CERTIFICATE-----",
        "tls.key":"-----BEGIN PRIVATE KEY-----\\nx\\n-----END PRIVATE KEY-----"},"type":"kubernetes.io/tls"}
        """

    @Test("stringData is stored as data, and the values can be read again")
    func data() async throws {
        let harness = try APIHarness()
        let path = "/api/v1/namespaces/default/secrets"
        let made = await harness.call("POST", path, Self.secret)
        #expect(made.status == 201)
        guard case .document(let document) = await harness.call("GET", path + "/web").body else {
            Issue.record("no document")
            return
        }
        #expect(document["stringData"] == nil)
        let read = try SecretSpec(document)
        #expect(read.kind == .tls)
        #expect(read.certificate?.starts(with: Array("-----BEGIN CERTIFICATE".utf8)) == true)
        #expect(read.privateKey != nil && read.roots == nil)
    }

    @Test("editors of its namespace and administrators may read it; readers may not")
    func access() {
        func allows(_ role: AccessRole, _ verb: String, in namespace: String) -> Bool {
            let request = AccessRequest(
                verb: verb,
                target: .resource(
                    group: "", resource: "secrets", subresource: "", namespace: namespace, name: "web"))
            return AccessRule.rules(of: role).contains { $0.allows(request) }
        }
        for verb in ["get", "list", "watch", "create", "update", "patch", "delete"] {
            #expect(allows(.administrator, verb, in: "shop"))
            #expect(allows(.editor(namespace: "shop"), verb, in: "shop"))
            #expect(!allows(.editor(namespace: "shop"), verb, in: "office"))
            #expect(!allows(.reader(namespace: "shop"), verb, in: "shop"))
            #expect(!allows(.reader(namespace: nil), verb, in: "shop"))
        }
    }
}
