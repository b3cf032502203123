/// One network interface, as the kernel reports it (RTM_NEWLINK).
package struct NetworkInterface: Hashable, Sendable {
    /// Its number in its network namespace; 1 is the loopback interface.
    package let index: UInt32
    /// Its name.
    package let name: String
    /// Whether an administrator has set it up.
    package let isUp: Bool

    /// The number of the loopback interface in every network namespace.
    package static let loopbackIndex: UInt32 = 1

    /// Reads the content of an RTM_NEWLINK message; nil if it is cut short or nameless.
    package init?(message content: [UInt8]) {
        guard content.count >= 16, let index = NetlinkBytes.word(content, 4), let flags = NetlinkBytes.word(content, 8)
        else { return nil }
        var name: String?
        for attribute in NetlinkAttributes(content, from: 16) where attribute.type == NetlinkConstants.interfaceName {
            name = String(decoding: attribute.content.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard let name, !name.isEmpty else { return nil }
        self.index = index
        self.name = name
        isUp = flags & NetlinkConstants.linkUp != 0
    }
}
