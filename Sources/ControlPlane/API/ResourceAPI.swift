package import FoundationEssentials
package import Logging
package import MeshModel

/// The Kubernetes resource protocol over the store (DESIGN D6): decides what each call answers; owns no socket.
///
/// Every call is decided on by `AccessPolicy` before anything is read; writes and refusals leave an audit line.
/// Thread: any. Calls are independent; what two writers do to one object is settled by the store.
package struct ResourceAPI: Sendable {
    let store: any ResourceStore
    let limits: APILimits
    let pages: ListPages
    let watches: WatchPlaces
    private let version: String
    private let authority: Authority?
    private let nodes: NodeAPI?
    private let metrics: ControlMetrics
    private let now: @Sendable () -> Date
    private let statusDocument: @Sendable () async -> JSONValue
    private let logger: Logger

    /// An API over `store`; `authority` signs users' certificates and `nodes` answers for nodes and join tokens (without
    /// them those paths are not there), `statusDocument` answers `/ambit/v1/status`.
    package init(
        store: any ResourceStore, limits: APILimits = APILimits(), authority: Authority? = nil,
        nodes: NodeAPI? = nil, metrics: ControlMetrics = ControlMetrics(), version: String,
        logger: Logger, now: @escaping @Sendable () -> Date = { Date() },
        statusDocument: @escaping @Sendable () async -> JSONValue
    ) {
        self.store = store
        self.limits = limits
        self.version = version
        self.authority = authority
        self.metrics = metrics
        self.logger = logger
        self.now = now
        self.nodes = nodes
        self.statusDocument = statusDocument
        pages = ListPages(limits, now: { .now })
        watches = WatchPlaces(maximum: limits.maximumWatches)
    }

    /// Answers one call. Never throws: refusals are answers.
    package func answer(_ call: APICall) async -> APIReply {
        let route = APIRoute(call.path)
        let request = AccessRequest(call, route)
        var reply: APIReply
        var reason = ""
        do throws(APIFailure) {
            reply = try await answer(call, route, request)
        } catch {
            if error.status >= 500 {
                logger.error("\(call.method) /\(call.path.joined(separator: "/")): \(error.message)")
            }
            reason = error.reason
            metrics.add(.apiRefusals, label: "reason", value: reason)
            reply = APIReply(error.status, .document(error.document))
        }
        let isWrite = !["GET", "HEAD"].contains(call.method) && ReviewRoute(call.path) == nil
        if isWrite || reply.status == 403 { audit(call, request, reply, reason) }
        if let warning = call.user.expiryWarning(at: now()) { reply.warnings.append(warning) }
        return reply
    }

    /// One line a write. What a create made is named by the answer, since a server-made name is not in the call.
    private func audit(_ call: APICall, _ request: AccessRequest, _ reply: APIReply, _ reason: String) {
        var request = request
        if case .resource(let group, let resource, let subresource, let namespace, "") = request.target,
            request.verb == "create", case .document(let made) = reply.body,
            let name = made.member("metadata", "name")?.asString ?? made.member("details", "name")?.asString
        {
            request.target = .resource(
                group: group, resource: resource, subresource: subresource, namespace: namespace, name: name)
        }
        let line = AuditLine(
            user: call.user, request: request, isDryRun: call.isDryRun, status: reply.status, reason: reason)
        logger.notice("\(line)")
    }

    /// One line for an object that a call on a collection changed.
    func audit(_ call: APICall, _ place: APIRoute.Place, _ resource: Resource) {
        let target = AccessRequest.Target.resource(
            group: place.kind.group, resource: place.kind.plural, subresource: "",
            namespace: resource.metadata.namespace, name: resource.metadata.name)
        let line = AuditLine(
            user: call.user, request: AccessRequest(verb: "delete", target: target), isDryRun: false, status: 200,
            reason: "")
        logger.notice("\(line)")
    }

    private func answer(
        _ call: APICall, _ route: APIRoute?, _ request: AccessRequest
    ) async throws(APIFailure) -> APIReply {
        let decision = AccessPolicy.decide(call.user, request)
        guard decision.isAllowed else { throw APIFailure(forbidden: request, user: call.user, why: decision.reason) }
        if let route { return try await answer(call, route) }
        if let review = ReviewRoute(call.path), call.method == "POST" {
            let asked = try document(call)
            switch review {
            case .access: return APIReply(201, .document(try AccessReview.access(asked, of: call.user)))
            case .rules: return APIReply(201, .document(try AccessReview.rules(asked, of: call.user)))
            case .oneself: return APIReply(201, .document(SelfReview.answer(call.user)))
            }
        }
        if call.method == "POST", call.path == ["ambit", "v1", "clientcertificates"], let authority {
            return try signClient(try document(call), authority)
        }
        if let nodes, NodeAPI.covers(call.path) { return try await nodes.answer(call) }
        guard call.method == "GET" else { throw .notFound }
        if let document = DiscoveryDocuments.document(call.path) { return APIReply(200, .document(document)) }
        switch call.path {
        case ["healthz"], ["livez"], ["readyz"]: return APIReply(200, .text("ok"))
        case ["version"]: return APIReply(200, .document(versionDocument))
        case ["ambit", "v1", "status"]: return APIReply(200, .document(await statusDocument()))
        case ["openapi", "v2"]:
            return call.accept.contains(OpenAPIDocuments.binaryRequest)
                ? APIReply(200, .binary(OpenAPIDocuments.version2Binary(version), type: OpenAPIDocuments.binaryType))
                : APIReply(200, .document(OpenAPIDocuments.version2(version)))
        case ["openapi", "v3"]: return APIReply(200, .document(OpenAPIDocuments.version3(version)))
        case let path where path.starts(with: ["openapi", "v3"]):
            let place = path.dropFirst(2).joined(separator: "/")
            guard let document = OpenAPIDocuments.version3(version, place: place) else { throw .notFound }
            return APIReply(200, .document(document))
        default: throw .notFound
        }
    }

    /// The form of Kubernetes' version: clients choose by its numbers what they ask for.
    private var versionDocument: JSONValue {
        .object([
            "major": .string("1"), "minor": .string("31"), "gitVersion": .string("v1.31.0-ambit.\(version)"),
            "platform": .string("linux/ambit"), "ambitVersion": .string(version),
        ])
    }

    private func signClient(_ body: JSONValue, _ authority: Authority) throws(APIFailure) -> APIReply {
        guard let request = body["request"]?.asString else {
            throw .invalid(
                "request", "is required; give a signing request (PKCS#10, PEM) whose subject is the user and the roles")
        }
        do throws(AuthorityError) {
            let signed = try authority.signClientCertificate(
                csrPEM: request, requestedLifetime: Double(body["expirationSeconds"]?.asInt ?? 0))
            let roles = signed.groups.joined(separator: ",")
            logger.notice(
                "issued a client certificate for user \(LogText.value(signed.user)) with \(roles) until \(signed.notAfter.ISO8601Format())"
            )
            return APIReply(
                201,
                .document(
                    .object([
                        "certificate": .string(signed.chainPEM), "user": .string(signed.user),
                        "groups": .array(signed.groups.map(JSONValue.string)),
                        "notAfter": .string(signed.notAfter.ISO8601Format()),
                    ])))
        } catch {
            throw error.code == .cannotSign
                ? APIFailure(503, "ServiceUnavailable", error.message)
                : .invalid("request", error.message)
        }
    }

    private func answer(_ call: APICall, _ route: APIRoute) async throws(APIFailure) -> APIReply {
        try call.checkDryRun()
        switch (route, call.method) {
        case (.collection(let place), "GET"):
            let filter = try ResourceFilter(place, call.query)
            return call.flag("watch") ? try await watch(call, place, filter) : try await list(call, place, filter)
        case (.collection(let place), "POST"): return try await create(call, place)
        case (.collection(let place), "DELETE"): return try await deleteAll(call, place)
        case (.object(let place, let name, nil), "GET") where call.flag("watch"):
            var narrowed = call
            narrowed.query["fieldSelector"] = "metadata.name=\(name)"
            return try await watch(call, place, try ResourceFilter(place, narrowed.query))
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
        try call.tableContent().map { ResourceTable(place.kind, content: $0, now: now) }
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
