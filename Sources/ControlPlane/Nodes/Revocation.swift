import MeshModel

/// The certificates of one membership that peers must not accept any more.
package struct Revocation: Sendable, Hashable {
    /// The membership: the resource's name in discovery.
    package let nodeID: String
    /// The node's name, for the log lines of peers.
    package let node: String
    /// Lower-case hexadecimal, in order.
    package let serials: [String]

    package init(nodeID: String, node: String, serials: [String]) {
        self.nodeID = nodeID
        self.node = node
        self.serials = serials
    }

    /// What is revoked, from what is true now: a certificate is good only while it has not expired, its membership is the
    /// active one of its node, and the node is granted its identity. Nothing is stored beside that, so nothing can be
    /// forgotten between two writes. Pure.
    package static func derive(
        issued: [IssuedSerial], nodes: [NodeRecord], grants: [String: [NodeGrant]], now: Int64
    ) -> [Revocation] {
        let active = Set(nodes.filter(\.isActive).map(\.id))
        var revoked: [String: (node: String, serials: [String])] = [:]
        for one in issued where one.notAfter > now {
            let isGranted =
                grants[one.node]?.contains {
                    $0.covers(namespace: one.identity.namespace, serviceAccount: one.identity.serviceAccount)
                } ?? false
            guard !active.contains(one.nodeID) || !isGranted else { continue }
            revoked[one.nodeID, default: (one.node, [])].serials.append(one.serial)
        }
        return revoked.map { Revocation(nodeID: $0.key, node: $0.value.node, serials: $0.value.serials.sorted()) }
            .sorted { $0.nodeID < $1.nodeID }
    }
}
