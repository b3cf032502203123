/// The certificates that no peer may show any more, by serial number. Immutable; replaced whole.
package struct RevokedCertificates: Sendable, Equatable {
    /// Serial number (lower-case hexadecimal) to the node that it was issued to.
    private let nodes: [String: String]

    /// None.
    package init() {
        nodes = [:]
    }

    /// All serials of `lists`, each with its node.
    package init(_ lists: some Sequence<(node: String, serials: [String])>) {
        var nodes: [String: String] = [:]
        for list in lists {
            for serial in list.serials { nodes[serial] = list.node }
        }
        self.nodes = nodes
    }

    /// How many there are.
    package var count: Int { nodes.count }

    /// The node that a certificate was issued to, if it is revoked. `serial` is as OpenSSL writes it: no leading zero bytes.
    package func node(ofRevoked serial: String) -> String? { nodes[serial] }
}
