import ControlPlane
import Foundation
import Logging
import MeshModel
import Synchronization
import Testing

/// That every call is decided on, and leaves its line.
@Suite("Access to the resource API")
struct AccessEnforcementTests {
    static let editor = APIUser(name: "jane", groups: ["ambit:editor:shop"])
    static let reader = APIUser(name: "bob", groups: ["ambit:readers"])

    /// Messages of a logger, for tests that read what was said.
    final class Lines: Sendable {
        let lines = Mutex<[String]>([])

        var logger: Logger { Logger(label: "test", factory: { _ in Handler(lines: self) }) }
    }

    struct Handler: LogHandler {
        let lines: Lines
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.lines.withLock { $0.append(event.message.description) } }
    }

    @Test(
        "every verb of every kind of path, for who may not",
        arguments: [
            ("GET", "/api/v1/namespaces/other/services"), ("GET", "/api/v1/namespaces/other/services?watch=true"),
            ("GET", "/api/v1/services"), ("GET", "/api/v1/services?watch=1"),
            ("GET", "/api/v1/namespaces/other/services/a"),
            ("GET", "/api/v1/namespaces/other/services/a?watch"), ("GET", "/api/v1/namespaces/other/services/a/status"),
            ("POST", "/api/v1/namespaces/other/services"), ("PUT", "/api/v1/namespaces/other/services/a"),
            ("PATCH", "/api/v1/namespaces/other/services/a"), ("PUT", "/api/v1/namespaces/other/services/a/status"),
            ("PATCH", "/api/v1/namespaces/shop"), ("DELETE", "/api/v1/namespaces/other/services/a"),
            ("DELETE", "/api/v1/namespaces/other/services"), ("DELETE", "/api/v1/namespaces/shop"),
            ("POST", "/api/v1/namespaces"), ("GET", "/api/v1/namespaces"), ("GET", "/ambit/v1/status"),
            ("POST", "/ambit/v1/clientcertificates"),
        ])
    func refused(_ method: String, _ path: String) async throws {
        let shop = try await APIHarness.shop()
        try await shop.document(201, "POST", "/api/v1/namespaces", #"{"metadata":{"name":"other"}}"#)
        let reply = await shop.call(method, path, "{}", type: "application/merge-patch+json", user: Self.editor)
        #expect(reply.status == 403)
        guard case .document(let document) = reply.body else { return }
        #expect(document["message"]?.asString?.contains(#"User "jane" cannot"#) == true)
    }

    @Test("an editor writes in its namespace, whatever the document says about others")
    func editing() async throws {
        let shop = try await APIHarness.shop()
        try await shop.document(201, "POST", "/api/v1/namespaces", #"{"metadata":{"name":"other"}}"#)
        let made = await shop.call("POST", APIHarness.services, APIHarness.service("b"), user: Self.editor)
        #expect(made.status == 201)
        // The namespace in a document cannot lead out of the one in the path.
        let elsewhere = APIHarness.service("c").replacing(#""name":"c""#, with: #""name":"c","namespace":"other""#)
        #expect(await shop.call("POST", APIHarness.services, elsewhere, user: Self.editor).status == 400)
        #expect(await shop.call("DELETE", APIHarness.services + "/b", user: Self.editor).status == 200)
        #expect(await shop.call("GET", "/api/v1/namespaces/shop", user: Self.editor).status == 200)
    }

    @Test("a review answers what the decision is, and the rules that lead to it")
    func reviews() async throws {
        let harness = try APIHarness()
        func ask(_ attributes: String, _ user: APIUser) async throws -> Bool? {
            let reply = await harness.call(
                "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", #"{"spec":{\#(attributes)}}"#,
                user: user)
            #expect(reply.status == 201)
            guard case .document(let document) = reply.body else { return nil }
            return document.member("status", "allowed")?.asBool
        }
        let resource = #""resourceAttributes":{"verb":"update","resource":"services","namespace":"shop"}"#
        #expect(try await ask(resource, Self.editor) == true)
        #expect(try await ask(resource, Self.reader) == false)
        let page = #""nonResourceAttributes":{"verb":"get","path":"/ambit/v1/status"}"#
        #expect(try await ask(page, Self.editor) == false)
        #expect(try await ask(page, Self.reader) == true)
        try await harness.document(422, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "{}")
        let rules = await harness.call(
            "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", #"{"spec":{"namespace":"shop"}}"#,
            user: Self.editor)
        guard case .document(let document) = rules.body else { return }
        let resources = document.member("status", "resourceRules")?.asArray?.flatMap { $0["resources"]?.strings ?? [] }
        #expect(resources?.contains("authorizationpolicies") == true)
        let me = await harness.call(
            "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", user: Self.editor)
        guard case .document(let answer) = me.body else { return }
        #expect(answer.member("status", "userInfo", "username") == .string("jane"))
    }

    @Test("a line for each write and each refusal, none for reads")
    func audit() async throws {
        let lines = Lines()
        let api = ResourceAPI(store: try SQLiteStore(path: nil), version: "test", logger: lines.logger) { .null }
        func call(_ method: String, _ path: String, _ body: String = "", user: APIUser) async {
            _ = await api.answer(
                APICall(method: method, path: path, body: Array(body.utf8), user: user))
        }
        let admin = APIHarness.administrator
        await call(
            "POST", "/api/v1/namespaces/default/serviceaccounts", #"{"metadata":{"generateName":"a-"}}"#, user: admin)
        await call("GET", "/api/v1/namespaces", user: Self.reader)
        await call("DELETE", "/api/v1/namespaces/default/serviceaccounts/x", user: Self.reader)
        await call("DELETE", "/api/v1/namespaces/default/serviceaccounts", user: admin)
        await call("DELETE", "/api/v1/namespaces/default/serviceaccounts/a\" user=\"root", user: admin)
        let said = lines.lines.withLock { $0 }
        #expect(said.count == 6)
        #expect(said.allSatisfy { $0.hasPrefix("audit user=") })
        #expect(
            said[0].contains(
                "user=ambit-admin groups=ambit:admins verb=create resource=serviceaccounts namespace=default name=a-"))
        #expect(said[1].contains("user=bob") && said[1].hasSuffix("status=403 reason=Forbidden"))
        // A deletion of many names each.
        #expect(said[2...4].contains { $0.contains("verb=delete") && $0.contains("name=default ") })
        #expect(said[5].contains(#"name="a' user='root" status=404"#))
    }

    @Test("the last tenth of a certificate's life comes with a warning")
    func expiry() async throws {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let api = ResourceAPI(
            store: try SQLiteStore(path: nil), version: "test", logger: Lines().logger, now: { now }
        ) { .null }
        for (left, isWarned) in [(11.0, false), (9.0, true)] {
            let user = APIUser(
                name: "jane", groups: ["ambit:readers"],
                validity: now.addingTimeInterval((left - 100) * 86_400)..<now.addingTimeInterval(left * 86_400))
            let reply = await api.answer(APICall(method: "GET", path: "/api", user: user))
            #expect(reply.warnings.contains { $0.contains("ambitctl kubeconfig --user jane") } == isWarned)
        }
    }
}
