/// One address of an interface, as the kernel reports it (RTM_NEWADDR).
package struct InterfaceAddress: Hashable, Sendable {
    /// 4 or 16 bytes.
    package let bytes: [UInt8]
    /// The interface's number in its network namespace.
    package let interface: UInt32
    /// Valid everywhere, not only on the link or on the host: what a workload can be reached at.
    package let isGlobal: Bool

    /// An address of `interface`.
    package init(bytes: [UInt8], interface: UInt32, isGlobal: Bool) {
        self.bytes = bytes
        self.interface = interface
        self.isGlobal = isGlobal
    }

    /// Reads the content of an RTM_NEWADDR message; nil if it is not an IPv4 or IPv6 address in full.
    package init?(message content: [UInt8]) {
        guard content.count >= 8, let interface = NetlinkBytes.word(content, 4) else { return nil }
        let length = content[0] == AddressFamily.ipv4.rawValue ? 4 : 16
        guard length == 4 || content[0] == AddressFamily.ipv6.rawValue else { return nil }
        var address: [UInt8]?
        for attribute in NetlinkAttributes(content, from: 8) where attribute.content.count == length {
            // On a point-to-point link IFA_ADDRESS is the peer's; IFA_LOCAL is always ours.
            if attribute.type == NetlinkConstants.localAddress
                || (attribute.type == NetlinkConstants.address && address == nil)
            {
                address = attribute.content
            }
        }
        guard let address else { return nil }
        self.init(bytes: address, interface: interface, isGlobal: content[3] == NetlinkConstants.scopeUniverse)
    }
}
