import ControlPlane
import Foundation
import Logging
import MeshModel
import Synchronization

/// Everything that takes new nodes, on a store in memory, with the API of administrators.
struct JoinHarness: Sendable {
    let services: ControlServicesHarness
    let join: JoinService
    let api: ResourceAPI

    init(directory: TemporaryDirectory? = nil) throws {
        services = try ControlServicesHarness(directory: directory)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let joining = try services.services.joining(addresses: ["127.0.0.1:15013"], controlPort: 15_012)
        join = joining.service
        api = ResourceAPI(store: services.store, nodes: joining.api, version: "test", logger: logger) { .object([:]) }
    }

    var authority: Authority { services.base.authority }

    /// One call of an administrator (or of `user`): its status and document.
    @discardableResult
    func call(
        _ method: String, _ path: String, _ body: String = "", user: APIUser = APIHarness.administrator
    ) async -> (status: Int, document: JSONValue) {
        let reply = await api.answer(APICall(method: method, path: path, body: Array(body.utf8), user: user))
        guard case .document(let document) = reply.body else { return (reply.status, .null) }
        return (reply.status, document)
    }

    /// A token for `node`.
    func token(_ node: String = "host-a", more: String = "") async throws -> JoinToken {
        let body = #"{"node":"\#(node)","allow":["shop/web"]\#(more)}"#
        let text = await call("POST", "/ambit/v1/tokens", body).document["token"]?.asString ?? ""
        return try JoinToken(parsing: text)
    }

    /// The body of a request with `token` and a fresh key.
    func request(_ token: JoinToken, node: String? = nil, secret: String? = nil, names: String? = nil) throws -> [UInt8]
    {
        let node = node ?? token.node
        let folder = try TemporaryDirectory()
        let csr = try OpenSSL.request(names: names ?? "URI:spiffe://cluster.local/ambit/node/\(node)", in: folder)
        return Array(
            JSONValue.object([
                "token": .string(token.id), "secret": .string(secret ?? token.secret), "node": .string(node),
                "csr": .string(csr),
            ]).compactText.utf8)
    }

    /// Why a join is refused; nil: it is not.
    func refusal(_ body: [UInt8]?, from address: String = "192.0.2.7") async -> JoinRefusal? {
        do throws(JoinRefusal) {
            _ = try await join.join(body, from: address)
            return nil
        } catch {
            return error
        }
    }
}
