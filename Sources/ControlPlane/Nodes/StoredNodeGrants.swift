/// Grants in the resource store, one setting a node; read for each request.
package struct StoredNodeGrants: NodeGrants {
    /// What the keys of the settings begin with; the node's name follows.
    package static let keyPrefix = "node-grants/"

    private let store: any ResourceStore

    /// Reads `store`.
    package init(store: any ResourceStore) {
        self.store = store
    }

    package func grants(of node: String) async throws -> [NodeGrant] { try await read(node) }

    /// The grants; none where there is no such node.
    func read(_ node: String) async throws(StoreError) -> [NodeGrant] {
        Self.parse(try await store.setting(Self.keyPrefix + node) ?? [])
    }

    /// Reads a setting; a line that cannot be read grants nothing.
    static func parse(_ stored: [UInt8]) -> [NodeGrant] {
        String(decoding: stored, as: UTF8.self).split(separator: "\n").compactMap { NodeGrant(String($0)) }
    }

    /// The value of a setting.
    static func text(_ grants: [NodeGrant]) -> [UInt8] {
        Array(Set(grants.map(\.description)).sorted().map { $0 + "\n" }.joined().utf8)
    }
}
