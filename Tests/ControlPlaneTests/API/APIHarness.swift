import ControlPlane
import Foundation
import Logging
import MeshModel
import Testing

/// The resource API on a store in memory, called without a transport.
struct APIHarness: Sendable {
    static let administrator = APIUser(name: "ambit-admin", groups: [APIUser.administrators])

    let store: SQLiteStore
    let api: ResourceAPI

    init(limits: APILimits = APILimits(), configuration: StoreConfiguration = StoreConfiguration()) throws {
        store = try SQLiteStore(path: nil, configuration: configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        api = ResourceAPI(store: store, limits: limits, version: "test", logger: logger) {
            .object(["version": .string("test")])
        }
    }

    /// One call; the query stands behind `?` in the path.
    func call(
        _ method: String, _ path: String, _ body: String = "", type: String = "application/json", accept: String = "",
        user: APIUser = administrator
    ) async -> APIReply {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        var query: [String: String] = [:]
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            query[sides[0]] = sides.count > 1 ? sides[1].removingPercentEncoding ?? "" : ""
        }
        return await api.answer(
            APICall(
                method: method, path: parts[0], query: query, contentType: type, accept: accept, body: Array(body.utf8),
                user: user))
    }

    /// The document of a call that is answered with `status`.
    @discardableResult
    func document(
        _ status: Int, _ method: String, _ path: String, _ body: String = "", type: String = "application/json",
        accept: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        let reply = await call(method, path, body, type: type, accept: accept)
        guard case .document(let document) = reply.body else {
            Issue.record("no document", sourceLocation: sourceLocation)
            return .null
        }
        #expect(reply.status == status, "\(document.compactText)", sourceLocation: sourceLocation)
        return document
    }

    /// A namespace `shop` with a service `web` in it.
    static func shop() async throws -> APIHarness {
        let harness = try APIHarness()
        try await harness.document(201, "POST", "/api/v1/namespaces", #"{"metadata":{"name":"shop"}}"#)
        try await harness.document(201, "POST", services, service("web"))
        return harness
    }

    static let services = "/api/v1/namespaces/shop/services"

    static func service(_ name: String, labels: String = "{}") -> String {
        #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"\#(name)","labels":\#(labels)},"#
            + #""spec":{"selector":{"app":"\#(name)"},"ports":[{"name":"http","port":80,"targetPort":8080}]}}"#
    }
}
