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

    /// Takes its parts as given.
    package init(name: String, version: String, aliases: [String], payload: [UInt8]) {
        self.name = name
        self.version = version
        self.aliases = aliases
        self.payload = payload
    }
}
