/// The capture of one workload's traffic in its network namespace: the rules of `nft/ambit-workload.nft`, and the
/// marks and routing that bring the answers of transparent connections back to ztunnel.
///
/// `apply` and `remove` act in the network namespace of the calling thread, which must not be a data-plane worker.
/// Both are idempotent. The rules are one transaction: all of them are there, or none.
package struct WorkloadCapture: Equatable, Sendable {
    /// Whether name resolution (UDP and TCP port 53) goes to the mesh DNS.
    package var dns: Bool
    /// Interfaces whose traffic is left alone.
    package var excludedInterfaces: [String]
    /// The families for which routing is set up; a namespace without IPv6 has only one.
    package var families: [AddressFamily]

    /// The nftables table (family inet) that holds all rules.
    package static let table = "ambit-workload"
    /// Sends answers to transparent connections to `routingTable`.
    package static let rule = MarkRule(mark: 0x111, mask: 0xfff, priority: 32764, table: 100)
    /// The longest interface name of the kernel (IFNAMSIZ less its NUL).
    package static let interfaceNameLimit = 15

    /// A capture with mesh DNS, no excluded interface, for IPv4 and IPv6.
    package init(
        dns: Bool = true, excludedInterfaces: [String] = [], families: [AddressFamily] = AddressFamily.allCases
    ) {
        self.dns = dns
        self.excludedInterfaces = excludedInterfaces
        self.families = families
    }

    /// The text that is loaded, whether rules of this version are there or none: the static rules, then the elements of their sets.
    package func commands() throws(NetfilterError) -> String {
        var text = WorkloadRules.text
        for set in ["captured-dns", "excluded-interfaces"] { text += "flush set inet \(Self.table) \(set)\n" }
        if dns { text += "add element inet \(Self.table) captured-dns { tcp, udp }\n" }
        guard !excludedInterfaces.isEmpty else { return text }
        for name in excludedInterfaces where !Self.isInterfaceName(name) {
            throw NetfilterError(
                operation: "leave the interface '\(name)' alone",
                reason: "that is not a name that an interface can have")
        }
        let names = excludedInterfaces.map { "\"\($0)\"" }.joined(separator: ", ")
        return text + "add element inet \(Self.table) excluded-interfaces { \(names) }\n"
    }

    /// Puts the capture in place, or brings it to this form.
    ///
    /// The routing goes first: without the rules it has no effect, with them it must be there.
    package func apply() throws(NetfilterError) {
        let commands = try commands()
        try MarkInheritance.enable()
        var routes = try RouteTable()
        for family in families {
            try routes.addLocalRoute(table: Self.rule.table, family)
            try routes.addRule(Self.rule, family)
        }
        try Nftables.replace(Self.table, by: commands)
    }

    /// Captures nothing new from here on. Connections that were captured go on: conntrack translates them for as long as the
    /// chains are there, empty or not. The rules must be loaded; `remove` follows when the last such connection has ended.
    package static func release() throws(NetfilterError) {
        let flushes = ["nat-prerouting", "nat-output", "guard-output", "guard-input"].map {
            "flush chain inet \(table) \($0)\n"
        }
        try Nftables.run(flushes.joined(), as: "end the capture of new connections (inet \(table))")
    }

    /// Takes all of it away; nothing of ours is left, nothing else is touched.
    package static func remove(_ families: [AddressFamily] = AddressFamily.allCases) throws(NetfilterError) {
        // Adding first makes the deletion succeed when the table is not there; together they are one transaction.
        try Nftables.run(
            "add table inet \(table)\ndelete table inet \(table)\n", as: "remove the capture rules (inet \(table))")
        var routes = try RouteTable()
        for family in families {
            try routes.removeRule(rule, family)
            try routes.removeLocalRoute(table: rule.table, family)
        }
        try MarkInheritance.restore()
    }

    /// Whether the rules are loaded in the calling thread's network namespace.
    package static func isApplied() throws(NetfilterError) -> Bool {
        try Nftables.tables().contains(table)
    }

    static func isInterfaceName(_ name: String) -> Bool {
        // Quotes and line ends would end the string in the nft text; a slash or blank no interface can have.
        let length = name.utf8.count
        return length > 0 && length <= interfaceNameLimit
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x2f && $0 != 0x5c }
    }
}
