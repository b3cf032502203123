/// One listening TCP socket, as the kernel describes it (struct inet_diag_msg).
package struct ListeningSocket: Hashable, Sendable {
    /// The port.
    package let port: UInt16
    /// The address that it is bound to: 4 or 16 bytes, zero for all addresses.
    package let address: [UInt8]
    /// The user who made it.
    package let user: UInt32
    /// What /proc/PID/fd calls it: `socket:[inode]`.
    package let inode: UInt32
    /// The control group of the process that made it, at that time; nil where the kernel does not say.
    package let controlGroup: UInt64?
    /// SO_MARK, for those who may see it.
    package let mark: UInt32

    /// A socket.
    package init(
        port: UInt16, address: [UInt8], user: UInt32, inode: UInt32, controlGroup: UInt64?, mark: UInt32
    ) {
        self.port = port
        self.address = address
        self.user = user
        self.inode = inode
        self.controlGroup = controlGroup
        self.mark = mark
    }

    /// Reads the content of a SOCK_DIAG_BY_FAMILY message; nil if it is cut short or not about an IP socket.
    package init?(message content: [UInt8]) {
        guard content.count >= 72, content[1] == NetlinkConstants.stateListen,
            let user = NetlinkBytes.word(content, 64), let inode = NetlinkBytes.word(content, 68)
        else { return nil }
        switch content[0] {
        case AddressFamily.ipv4.rawValue: address = Array(content[8..<12])
        case AddressFamily.ipv6.rawValue: address = Array(content[8..<24])
        default: return nil
        }
        // Ports are in network order.
        port = UInt16(content[4]) << 8 | UInt16(content[5])
        self.user = user
        self.inode = inode
        var controlGroup: UInt64?
        var mark: UInt32 = 0
        for attribute in NetlinkAttributes(content, from: 72) {
            switch attribute.type {
            case NetlinkConstants.diagnosisMark: mark = NetlinkBytes.word(attribute.content, 0) ?? 0
            case NetlinkConstants.diagnosisControlGroup: controlGroup = NetlinkBytes.long(attribute.content, 0)
            default: continue
            }
        }
        self.controlGroup = controlGroup
        self.mark = mark
    }

    /// Whether only this host can reach it.
    package var isLoopback: Bool {
        switch address.count {
        case 4: return address[0] == 127
        default:
            let mapped = Array(repeating: UInt8(0), count: 10) + [0xff, 0xff]
            if address.starts(with: mapped) { return address[12] == 127 }
            return address.dropLast().allSatisfy { $0 == 0 } && address.last == 1
        }
    }
}
