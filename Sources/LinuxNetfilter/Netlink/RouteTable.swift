import Glibc

/// Addresses, interfaces and policy routing of the network namespace of the calling thread.
///
/// Owns a netlink socket; lives on one thread, never a data-plane worker. Every change is idempotent: adding what is
/// there and removing what is not there succeed.
package struct RouteTable: ~Copyable {
    private var socket: NetlinkSocket

    /// Opens rtnetlink in the calling thread's network namespace.
    package init() throws(NetfilterError) {
        socket = try NetlinkSocket()
    }

    /// All addresses of all interfaces of the namespace.
    package mutating func addresses() throws(NetfilterError) -> [InterfaceAddress] {
        try socket.dump(NetlinkConstants.getAddress, as: "list the addresses of the network namespace") { request in
            request.fixed(0, 0, 0, 0)
            request.fixed(word: 0)
        }.compactMap(InterfaceAddress.init(message:))
    }

    /// All interfaces of the namespace.
    package mutating func interfaces() throws(NetfilterError) -> [NetworkInterface] {
        try socket.dump(NetlinkConstants.getLink, as: "list the interfaces of the network namespace") { request in
            request.fixed(0, 0, 0, 0)
            for _ in 0..<3 { request.fixed(word: 0) }
        }.compactMap(NetworkInterface.init(message:))
    }

    /// The numbers of the interfaces that a default route of the main table leaves by, in both families.
    package mutating func defaultInterfaces() throws(NetfilterError) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for family in AddressFamily.allCases {
            let routes = try socket.dump(
                NetlinkConstants.getRoute, as: "list the \(family) routes of the network namespace"
            ) { request in
                request.fixed(family.rawValue, 0, 0, 0, 0, 0, 0, 0)
                request.fixed(word: 0)
            }
            found.formUnion(routes.compactMap(Self.defaultInterface(message:)))
        }
        return found
    }

    /// The interface of an RTM_NEWROUTE message, if that is a default route of the main table.
    package static func defaultInterface(message content: [UInt8]) -> UInt32? {
        // struct rtmsg: the second byte is the length of the destination, the eighth the type.
        guard content.count >= 12, content[1] == 0, content[7] == NetlinkConstants.routeUnicast else { return nil }
        var table = UInt32(content[4])
        var interface: UInt32?
        for attribute in NetlinkAttributes(content, from: 12) {
            switch attribute.type {
            case NetlinkConstants.routeTable: table = NetlinkBytes.word(attribute.content, 0) ?? table
            case NetlinkConstants.routeInterface: interface = NetlinkBytes.word(attribute.content, 0)
            default: continue
            }
        }
        return table == NetlinkConstants.mainTable ? interface : nil
    }

    /// Adds `ip rule add fwmark MARK/MASK pref PRIORITY lookup TABLE`.
    package mutating func addRule(_ rule: MarkRule, _ family: AddressFamily) throws(NetfilterError) {
        do {
            try socket.change(
                NetlinkConstants.newRule, flags: NetlinkConstants.create | NetlinkConstants.exclusive,
                as: "add the \(family) rule '\(rule)'"
            ) { Self.fill(&$0, rule, family) }
        } catch  where error.number == EEXIST {
            return
        }
    }

    /// Removes what `addRule` added.
    package mutating func removeRule(_ rule: MarkRule, _ family: AddressFamily) throws(NetfilterError) {
        do {
            try socket.change(NetlinkConstants.deleteRule, flags: 0, as: "remove the \(family) rule '\(rule)'") {
                Self.fill(&$0, rule, family)
            }
        } catch  where error.number == ENOENT || error.number == ESRCH {
            return
        }
    }

    /// Adds `ip route add local default dev lo table TABLE`: every address is delivered on this host.
    package mutating func addLocalRoute(table: UInt32, _ family: AddressFamily) throws(NetfilterError) {
        try socket.change(
            NetlinkConstants.newRoute, flags: NetlinkConstants.create | NetlinkConstants.replace,
            as: "add the \(family) route 'local default dev lo table \(table)'"
        ) { Self.fill(&$0, table: table, family) }
    }

    /// Removes what `addLocalRoute` added.
    package mutating func removeLocalRoute(table: UInt32, _ family: AddressFamily) throws(NetfilterError) {
        do {
            try socket.change(
                NetlinkConstants.deleteRoute, flags: 0,
                as: "remove the \(family) route 'local default dev lo table \(table)'"
            ) { Self.fill(&$0, table: table, family) }
        } catch  where error.number == ESRCH || error.number == ENOENT {
            return
        }
    }

    private static func fill(_ request: inout NetlinkRequest, _ rule: MarkRule, _ family: AddressFamily) {
        // struct fib_rule_hdr: family, prefix lengths, tos, table, two reserved bytes, action, flags.
        request.fixed(
            family.rawValue, 0, 0, 0, UInt8(truncatingIfNeeded: rule.table), 0, 0, NetlinkConstants.actionToTable)
        request.fixed(word: 0)
        request.attribute(NetlinkConstants.rulePriority, word: rule.priority)
        request.attribute(NetlinkConstants.ruleMark, word: rule.mark)
        request.attribute(NetlinkConstants.ruleMask, word: rule.mask)
        request.attribute(NetlinkConstants.ruleTable, word: rule.table)
    }

    private static func fill(_ request: inout NetlinkRequest, table: UInt32, _ family: AddressFamily) {
        // struct rtmsg: family, destination and source length, tos, table, protocol, scope, type, flags.
        request.fixed(
            family.rawValue, 0, 0, 0, UInt8(truncatingIfNeeded: table), NetlinkConstants.protocolStatic,
            family == .ipv4 ? NetlinkConstants.scopeHost : NetlinkConstants.scopeUniverse, NetlinkConstants.routeLocal)
        request.fixed(word: 0)
        request.attribute(NetlinkConstants.routeTable, word: table)
        request.attribute(NetlinkConstants.routeInterface, word: NetworkInterface.loopbackIndex)
    }
}
