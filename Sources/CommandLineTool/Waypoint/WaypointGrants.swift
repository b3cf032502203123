import MeshModel

/// Which nodes may run a waypoint or gateway: those that were granted the identity that has its name (DESIGN D7).
struct WaypointGrants: Sendable {
    let client: APIClient

    /// Lets `node` run the waypoint.
    func allow(_ node: String, _ identity: String) async throws {
        let body = JSONValue(members: [("allow", .array([.string(identity)]))])
        do {
            _ = try await client.send(APIRequest(.post, "/ambit/v1/nodes/\(node)/grants", body: body.compactText))
        } catch let refusal as APIRefusal {
            throw refusal.failure("node \(node)")
        }
    }

    /// The next command for a waypoint or gateway that nobody serves: a grant where no node has one, else the start on a host.
    func remedy(_ view: some ReplicatedView) async throws -> String {
        guard view.replicas.isEmpty else {
            return "on \(view.nodes.joined(separator: ", ")): systemctl status \(view.unit)"
        }
        // Whoever may not see nodes is told how to start it.
        let nodes = try await nodes() ?? []
        let able = nodes.filter { node in node.grants.contains { Self.covers($0, view.reference) } }.map(\.name)
        let start = "systemctl enable --now \(view.unit)"
        if able.isEmpty {
            return "let a node run it: ambitctl node allow NODE \(view.reference); then on that host: \(start)"
        }
        return "on \(able.joined(separator: " or ")): \(start)"
    }

    private func nodes() async throws -> [MeshNode]? {
        do {
            let value = try await client.send(APIRequest(.fetch, "/ambit/v1/nodes")).value
            return (value?["items"]?.elements ?? []).map(MeshNode.init).filter { !$0.isRevoked }
        } catch let refusal as APIRefusal where refusal.status == 403 || refusal.status == 404 {
            return nil
        } catch let refusal as APIRefusal {
            throw refusal.failure("nodes")
        }
    }

    /// Whether the grant `NAMESPACE/SERVICEACCOUNT`, with * for any, covers an identity. Pure.
    static func covers(_ grant: String, _ identity: String) -> Bool {
        let (granted, wanted) = (grant.split(separator: "/"), identity.split(separator: "/"))
        return granted.count == 2 && wanted.count == 2 && zip(granted, wanted).allSatisfy { $0 == "*" || $0 == $1 }
    }
}
