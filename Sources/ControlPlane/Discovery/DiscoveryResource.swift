/// One resource as it goes to nodes: encoded once, sent to all.
package struct DiscoveryResource: Sendable, Equatable {
    /// The name under which nodes know it (workload uid, `namespace/hostname`, `namespace/policy`; Z 5.2).
    package let name: String
    /// A hash of the content: equal content has an equal version, also after a restart of ambitd.
    package let version: String
    /// Other names that a node may subscribe to it by (`network/address`).
    package let aliases: [String]
    /// The encoded message, without the `Any` around it.
    package let payload: [UInt8]
    /// The nodes that may have it; nil for all. For any other node it does not exist, whatever it subscribes to.
    package var audience: Set<String>?

    /// Whether it exists for a node.
    package func isVisible(to node: String) -> Bool { audience?.contains(node) ?? true }

    /// Takes its parts as given.
    package init(
        name: String, version: String, aliases: [String], payload: [UInt8], audience: Set<String>? = nil
    ) {
        self.audience = audience
        self.name = name
        self.version = version
        self.aliases = aliases
        self.payload = payload
    }
}
