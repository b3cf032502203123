/// Grants in the resource store, one setting a node; written by `ambitd issue-node`, read for each request.
package struct StoredNodeGrants: NodeGrants {
    /// What the keys of the settings begin with; the node's name follows.
    package static let keyPrefix = "node-grants/"

    private let store: any ResourceStore

    /// Reads and writes `store`.
    package init(store: any ResourceStore) {
        self.store = store
    }

    /// The grants; a line that cannot be read grants nothing.
    package func grants(of node: String) async throws -> [NodeGrant] {
        guard let stored = try await store.setting(Self.keyPrefix + node) else { return [] }
        return String(decoding: stored, as: UTF8.self).split(separator: "\n").compactMap { NodeGrant(String($0)) }
    }

    /// Replaces the node's grants; durable when it returns.
    package func replace(_ grants: [NodeGrant], of node: String) async throws {
        let text = Set(grants.map(\.description)).sorted().map { $0 + "\n" }.joined()
        try await store.put(setting: Self.keyPrefix + node, value: Array(text.utf8))
    }
}
