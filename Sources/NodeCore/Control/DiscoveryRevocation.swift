/// One list of certificates that must not be accepted, as the control plane sent it.
package struct DiscoveryRevocation: Sendable, Equatable {
    /// The resource's name.
    package let name: String
    /// The node that they were issued to.
    package let node: String
    /// Lower-case hexadecimal.
    package let serials: [String]

    /// A list.
    package init(name: String, node: String, serials: [String]) {
        self.name = name
        self.node = node
        self.serials = serials
    }
}
