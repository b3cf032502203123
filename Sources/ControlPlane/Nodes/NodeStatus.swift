package import FoundationEssentials

/// What the control plane knows of one node.
package struct NodeStatus: Sendable {
    /// The state of one resource type.
    package struct Sync: Sendable {
        /// In step, waiting, refused, or never sent.
        package var state = SyncState.notSent
        /// Nonces sent and acknowledged last.
        package var sentNonce = ""
        package var acknowledgedNonce = ""
        /// How many resources the node holds.
        package var resources = 0
        /// When something was sent or answered last.
        package var lastChange: Date?
        /// Why the node refused what was sent last.
        package var lastError: String?
    }

    /// The node's name, from its certificate.
    package let name: String
    /// Where it connected from, `address:port`; of the newest stream.
    package var address: String?
    /// The version that it says it runs.
    package var version: String?
    /// Since when it is connected; nil: not connected.
    package var connectedSince: Date?
    /// When it was heard of last: a connection, a request, an end.
    package var lastSeen: Date?
    /// When the certificate that it showed expires.
    package var certificateExpires: Date?
    /// Per type.
    package var sync: [DiscoveryType: Sync] = [:]
    /// Identity to the expiry of the newest certificate that was issued to the node for it.
    package var certificates: [String: Date] = [:]
    /// The last thing that went wrong with this node: a refusal, a request that was denied.
    package var lastError: String?
    /// The stream that `connectedSince` and `sync` are about; a newer stream takes over.
    var stream: UInt64?

    init(name: String) {
        self.name = name
    }
}
