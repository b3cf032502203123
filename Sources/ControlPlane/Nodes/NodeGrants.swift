/// Where the grants of nodes are looked up, anew for each request: another process may have changed them.
package protocol NodeGrants: Sendable {
    /// What the node may host; empty where nothing was granted or the node is unknown.
    func grants(of node: String) async throws -> [NodeGrant]
}
