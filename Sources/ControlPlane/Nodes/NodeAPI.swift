import FoundationEssentials
import MeshModel

/// `/ambit/v1/nodes` and `/ambit/v1/tokens`: what `ambitctl node` and `ambitctl token` ask for. Administrators only.
package struct NodeAPI: Sendable {
    private let administration: NodeAdministration
    private let tokens: JoinTokens
    private let registry: NodeRegistry
    private let store: any ResourceStore

    package init(
        administration: NodeAdministration, tokens: JoinTokens, registry: NodeRegistry, store: any ResourceStore
    ) {
        self.administration = administration
        self.tokens = tokens
        self.registry = registry
        self.store = store
    }

    /// Whether a path is one of these.
    static func covers(_ path: [String]) -> Bool {
        path.count >= 3 && path[0] == "ambit" && path[1] == "v1" && (path[2] == "nodes" || path[2] == "tokens")
    }

    /// Answers a call; the caller has checked that the path is covered.
    func answer(_ call: APICall) async throws(APIFailure) -> APIReply {
        guard call.user.groups.contains(APIUser.administrators) else {
            throw APIFailure(403, "Forbidden", "only administrators see and change nodes and join tokens")
        }
        do {
            let rest = Array(call.path.dropFirst(3))
            return call.path[2] == "nodes" ? try await nodes(call, rest) : try await tokens(call, rest)
        } catch let failure as APIFailure {
            throw failure
        } catch let error as StoreError {
            throw APIFailure(error)
        } catch let refusal as NodeRefusal {
            switch refusal.code {
            case .unknown: throw APIFailure(404, "NotFound", refusal.message)
            case .revoked, .superseded, .conflict: throw APIFailure(409, "Conflict", refusal.message)
            case .limit: throw APIFailure(422, "Invalid", refusal.message)
            case .unavailable: throw APIFailure(503, "ServiceUnavailable", refusal.message)
            }
        } catch {
            throw APIFailure(500, "InternalError", "\(error)")
        }
    }

    private func nodes(_ call: APICall, _ rest: [String]) async throws -> APIReply {
        switch (call.method, rest.count) {
        case ("GET", 0): return APIReply(200, .document(try await list()))
        case ("GET", 1): return APIReply(200, .document(try await description(rest[0])))
        case ("DELETE", 1):
            let count = try await administration.delete(rest[0], by: call.user.name)
            return APIReply(200, .document(.object(["name": .string(rest[0]), "workloads": .int(Int64(count))])))
        case ("POST", 2) where rest[1] == "revoke":
            let count = try await administration.revoke(rest[0], by: call.user.name)
            return APIReply(200, .document(.object(["name": .string(rest[0]), "workloads": .int(Int64(count))])))
        case ("POST", 2) where rest[1] == "grants":
            let body = try NodeAPIBody(call.body)
            let grants = try await administration.change(
                grantsOf: rest[0], allow: try body.grants("allow"), disallow: try body.grants("disallow"),
                by: call.user.name)
            return APIReply(
                200,
                .document(
                    .object(["name": .string(rest[0]), "grants": .array(grants.map { .string($0.description) })])))
        case (_, 0...1): throw APIFailure.methodNotAllowed
        case (_, 2) where ["revoke", "grants"].contains(rest[1]): throw APIFailure.methodNotAllowed
        default: throw APIFailure.notFound
        }
    }

    private func tokens(_ call: APICall, _ rest: [String]) async throws -> APIReply {
        switch (call.method, rest.count) {
        case ("GET", 0):
            let now = administration.nodes.time
            let items = try await tokens.list().map { NodeDocument.token($0, now: now) }
            return APIReply(200, .document(.object(["items": .array(items)])))
        case ("POST", 0): return APIReply(201, .document(try await create(try NodeAPIBody(call.body))))
        case ("DELETE", 1):
            guard try await tokens.delete(rest[0]) else {
                throw APIFailure(404, "NotFound", "there is no token \(rest[0]); see `ambitctl token list`")
            }
            return APIReply(200, .document(.object(["id": .string(rest[0])])))
        case (_, 0...1): throw APIFailure.methodNotAllowed
        default: throw APIFailure.notFound
        }
    }

    private func create(_ body: NodeAPIBody) async throws -> JSONValue {
        let node = try body.node()
        let grants = try body.grants("allow")
        guard !grants.isEmpty else {
            throw NodeAPIBody.invalid(
                "allow", "name at least one identity that the node may host: NAMESPACE/SERVICEACCOUNT")
        }
        let lifetime = try body.seconds("ttlSeconds", atMost: tokens.limits.longestLifetime)
        let made = try await tokens.create(
            node: node, grants: grants, lifetime: lifetime ?? tokens.limits.defaultLifetime,
            replaces: try body.flag("replace"))
        var document = NodeDocument.token(made.record, now: administration.nodes.time)
        document["token"] = .string(made.token.text)
        document["addresses"] = .array(made.token.addresses.map { .string($0) })
        return document
    }

    private func list() async throws -> JSONValue {
        let nodes = administration.nodes
        let statuses = Dictionary(registry.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let entries = try await entries()
        var items: [JSONValue] = []
        for record in try await nodes.records() {
            items.append(
                NodeDocument.summary(
                    record, status: statuses[record.name], sighting: try await nodes.sighting(of: record.name),
                    grants: try await nodes.grants(of: record.name),
                    workloads: entries[record.name] ?? []))
        }
        return .object(["items": .array(items)])
    }

    private func description(_ node: String) async throws -> JSONValue {
        let nodes = administration.nodes
        guard let record = try await nodes.record(of: node) else { throw NodeDirectory.unknown(node) }
        return NodeDocument.description(
            record, status: registry.nodes.first { $0.name == node }, sighting: try await nodes.sighting(of: node),
            grants: try await nodes.grants(of: node),
            workloads: try await entries()[node] ?? [], issued: try await nodes.issued(to: record))
    }

    /// The workloads of each node.
    private func entries() async throws -> [String: [Resource]] {
        Dictionary(grouping: try await store.list(kind: .workloadEntry, namespace: nil).resources) {
            $0.metadata.labels[WorkloadEntryDocument.nodeLabel] ?? ""
        }
    }
}
