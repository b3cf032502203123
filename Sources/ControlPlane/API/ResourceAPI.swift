import FoundationEssentials
package import Logging
package import MeshModel

/// The Kubernetes resource protocol over the store (DESIGN D6): decides what each call answers; owns no socket.
///
/// Thread: any. Calls are independent; what two writers do to one object is settled by the store.
package struct ResourceAPI: Sendable {
    let store: any ResourceStore
    let limits: APILimits
    private let version: String
    private let statusDocument: @Sendable () async -> JSONValue
    private let logger: Logger

    /// An API over `store`; `statusDocument` answers `/ambit/v1/status`.
    package init(
        store: any ResourceStore, limits: APILimits = APILimits(), version: String, logger: Logger,
        statusDocument: @escaping @Sendable () async -> JSONValue
    ) {
        self.store = store
        self.limits = limits
        self.version = version
        self.logger = logger
        self.statusDocument = statusDocument
    }

    /// Answers one call. Never throws: refusals are answers.
    package func answer(_ call: APICall) async -> APIReply {
        do throws(APIFailure) {
            return try await route(call)
        } catch {
            if error.status >= 500 {
                logger.error("\(call.method) /\(call.path.joined(separator: "/")): \(error.message)")
            }
            return APIReply(error.status, .document(error.document))
        }
    }

    private func route(_ call: APICall) async throws(APIFailure) -> APIReply {
        guard call.user.isAdministrator else {
            throw APIFailure(
                403, "Forbidden",
                "\"\(call.user.name)\" may not use this API: its certificate's organization is not \(APIUser.administrators)"
            )
        }
        if let route = APIRoute(call.path) { return try await answer(call, route) }
        guard call.method == "GET" else { throw .notFound }
        if let document = DiscoveryDocuments.document(call.path) { return APIReply(200, .document(document)) }
        switch call.path {
        case ["healthz"], ["livez"], ["readyz"]: return APIReply(200, .text("ok"))
        case ["version"]:
            return APIReply(
                200,
                .document(
                    .object([
                        "major": .string("1"), "minor": .string("31"),
                        "gitVersion": .string("v1.31.0-ambit.\(version)"),
                        "platform": .string("linux/ambit"), "ambitVersion": .string(version),
                    ])))
        case ["ambit", "v1", "status"]: return APIReply(200, .document(await statusDocument()))
        case ["openapi", "v2"]:
            return call.accept.contains(OpenAPIDocuments.binaryRequest)
                ? APIReply(200, .binary(OpenAPIDocuments.version2Binary(version), type: OpenAPIDocuments.binaryType))
                : APIReply(200, .document(OpenAPIDocuments.version2(version)))
        case ["openapi", "v3"]: return APIReply(200, .document(OpenAPIDocuments.version3()))
        default: throw .notFound
        }
    }

    private func answer(_ call: APICall, _ route: APIRoute) async throws(APIFailure) -> APIReply {
        switch (route, call.method) {
        case (.collection(let place), "GET"):
            let filter = try ResourceFilter(place, call.query)
            return call.flag("watch") ? try await watch(call, place, filter) : try await list(call, place, filter)
        case (.collection(let place), "POST"): return try await create(call, place)
        case (.collection(let place), "DELETE"): return try await deleteAll(call, place)
        case (.object(let place, let name, _), "GET"):
            let found = try await existing(place, name)
            guard let table = try table(call, place) else { return APIReply(200, .document(place.document(of: found))) }
            return APIReply(
                200, .document(table.document([place.document(of: found)], revision: found.metadata.resourceVersion)))
        case (.object(let place, let name, let subresource), "PUT"):
            return try await replace(call, place, name, subresource: subresource)
        case (.object(let place, let name, let subresource), "PATCH"):
            return try await patch(call, place, name, subresource: subresource)
        case (.object(let place, let name, nil), "DELETE"): return try await delete(call, place, name)
        default: throw .methodNotAllowed
        }
    }

    /// The table that the client asked for, if it did.
    func table(_ call: APICall, _ place: APIRoute.Place) throws(APIFailure) -> ResourceTable? {
        try call.tableContent().map { ResourceTable(place.kind, content: $0, now: { Date() }) }
    }

    /// The object that a path names.
    func existing(_ place: APIRoute.Place, _ name: String) async throws(APIFailure) -> Resource {
        guard let found = try await stored(place, name) else {
            throw APIFailure(.notFound(place.kind, namespace: place.namespace ?? "", name: name))
        }
        return found
    }

    /// The object that a path names, or nil.
    func stored(_ place: APIRoute.Place, _ name: String) async throws(APIFailure) -> Resource? {
        do throws(StoreError) {
            return try await store.get(place.kind, namespace: place.namespace ?? "", name: name)
        } catch {
            throw APIFailure(error)
        }
    }
}
