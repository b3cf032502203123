/// The capture of all workloads that share this host's network namespace: the rules of `nft/ambit-host.nft`, the elements
/// of their sets, and the routing that brings the answers of transparent connections back to ztunnel.
///
/// Acts in the network namespace of the calling thread, which must not be a data-plane worker. Every change is one
/// transaction over all workloads: a packet meets the old state or the new one, never one in between.
package struct HostCapture: Equatable, Sendable {
    /// One workload in the sets.
    package struct Workload: Hashable, Sendable {
        /// Whose packets are the workload's.
        package var senders: Set<HostSender>
        /// Where its connections go.
        package var outboundPort: UInt16
        /// Where its questions to resolvers go; nil leaves name resolution alone.
        package var dnsPort: UInt16?
        /// The ports that it serves.
        package var ports: Set<UInt16>

        /// A workload, not captured yet.
        package init(senders: Set<HostSender>, outboundPort: UInt16, dnsPort: UInt16?, ports: Set<UInt16>) {
            self.senders = senders
            self.outboundPort = outboundPort
            self.dnsPort = dnsPort
            self.ports = ports
        }

        /// What the rules set on its packets: the outbound port above the bits that ztunnel's own marks use.
        package var mark: UInt32 { UInt32(outboundPort) << 12 }
    }

    /// The workloads, in the order in which their elements are written.
    package var workloads: [Workload]
    /// Interfaces whose traffic is left alone.
    package var excludedInterfaces: [String]

    /// The nftables table (family inet) that holds all rules.
    package static let table = "ambit-host"
    /// Sends answers to transparent connections back to this host. The table is not that of workloads' namespaces (100), since
    /// an administrator may well use that one on a host.
    package static let rule = MarkRule(mark: 0x111, mask: 0xfff, priority: 32764, table: 15001)
    /// The ports that workloads may be given: two each. The rules hold the same numbers, and their marks never meet ztunnel's.
    package static let ports: ClosedRange<UInt16> = 16001...16639

    /// A capture of `workloads`.
    package init(workloads: [Workload], excludedInterfaces: [String] = []) {
        self.workloads = workloads
        self.excludedInterfaces = excludedInterfaces
    }

    private static let sets = [
        "map cgroups", "map users", "set workloads", "map outbound", "map dns", "set dns-ports", "set ports",
        "set own-ports", "set receivers", "set own-receivers", "set excluded-interfaces",
    ]

    /// The text that loads everything, whether rules of this version are there or none: the static rules, then the elements of their sets.
    package func commands() throws(NetfilterError) -> String {
        try HostRules.text + update()
    }

    /// The text that changes the elements and leaves the rules as they are.
    package func update() throws(NetfilterError) -> String {
        let flushes = Self.sets.map { set in
            let words = set.split(separator: " ")
            return "flush \(words[0]) inet \(Self.table) \(words[1])\n"
        }
        return try flushes.joined() + elements()
    }

    /// Loads the rules with all elements, whatever is there now.
    package func load(_ families: [AddressFamily] = AddressFamily.allCases) throws(NetfilterError) {
        let commands = try commands()
        var routes = try RouteTable()
        for family in families {
            try routes.addLocalRoute(table: Self.rule.table, family)
            try routes.addRule(Self.rule, family)
        }
        try Nftables.replace(Self.table, by: commands)
    }

    /// Changes the elements. The rules must be loaded.
    package func replaceElements() throws(NetfilterError) {
        try Nftables.run(try update(), as: "change the capture rules (inet \(Self.table))")
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
    }

    /// Whether the rules are loaded in the calling thread's network namespace.
    package static func isLoaded() throws(NetfilterError) -> Bool {
        try Nftables.tables().contains(table)
    }

    private func elements() throws(NetfilterError) -> String {
        var members: [String: [String]] = [:]
        for workload in workloads {
            let mark = "0x" + String(workload.mark, radix: 16)
            members["workloads", default: []].append(mark)
            members["outbound", default: []].append("\(mark) : \(workload.outboundPort)")
            if let dns = workload.dnsPort {
                members["dns", default: []].append("\(mark) : \(dns)")
                members["dns-ports", default: []].append("\(dns)")
            }
            for port in workload.ports.sorted() {
                members["ports", default: []].append("\(port)")
                members["own-ports", default: []].append("\(mark) . \(port)")
            }
            for sender in workload.senders.sorted(by: { "\($0)" < "\($1)" }) {
                switch sender {
                case .user(let number): members["users", default: []].append("\(number) : \(mark)")
                case .controlGroup(let path):
                    members["cgroups", default: []].append("\"\(path)\" : \(mark)")
                    members["receivers", default: []].append("\"\(path)\"")
                    members["own-receivers", default: []].append("\(mark) . \"\(path)\"")
                }
            }
        }
        for name in excludedInterfaces {
            guard WorkloadCapture.isInterfaceName(name) else {
                throw NetfilterError(
                    operation: "leave the interface '\(name)' alone",
                    reason: "that is not a name that an interface can have")
            }
            members["excluded-interfaces", default: []].append("\"\(name)\"")
        }
        let names = Self.sets.compactMap { $0.split(separator: " ").last.map(String.init) }
        return names.compactMap { name in
            members[name].map { "add element inet \(Self.table) \(name) { \($0.joined(separator: ", ")) }\n" }
        }.joined()
    }
}
