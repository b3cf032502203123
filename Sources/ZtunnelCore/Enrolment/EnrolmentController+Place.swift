import LinuxSystem
import MeshModel

/// Where a workload is served, and what it must not share with others.
extension EnrolmentController {
    /// The record, with ports of ztunnel's for a workload that shares the host's addresses. They are stored: the rules that
    /// are loaded at boot name them.
    func numbered(_ uid: String, _ facts: WorkloadFacts) throws(EnrolmentError) -> EnrolmentRecord {
        guard var record = entries[uid]?.record else { throw Self.busy(uid) }
        guard case .host = facts else { return record }
        guard hasMark else {
            throw EnrolmentError(
                .invalid, "ztunnel's sockets do not carry the mark 0x539, by which the rules of this host know them",
                remedy: "unset PACKET_MARK, or give the workload a network namespace")
        }
        if record.outboundPort != nil { return record }
        var taken: Set<UInt16> = []
        for entry in entries.values {
            if let port = entry.record.outboundPort { taken.insert(port) }
        }
        for leaver in leavers.values {
            if let port = leaver.record.outboundPort { taken.insert(port) }
        }
        guard let port = HostPorts.choose(taken: taken, isFree: Self.isFree) else {
            throw EnrolmentError(
                .conflict, "\(HostPorts.workloadLimit) workloads share this host's addresses, which is the limit",
                remedy: "take out workloads that are gone with `ambitctl unenroll`, or give some a network namespace")
        }
        record.outboundPort = port
        try files.save(record)
        entries[uid]?.record = record
        return record
    }

    /// Gives up ports that somebody else has taken, so that the next attempt takes others.
    func renumber(_ uid: String) {
        guard let port = entries[uid]?.record.outboundPort, let dns = entries[uid]?.record.dnsPort,
            !Self.isFree(port) || !Self.isFree(dns)
        else { return }
        entries[uid]?.record.outboundPort = nil
    }

    /// Where its sockets are made. Throws if somebody else is there.
    func workloadPlace(_ record: EnrolmentRecord, _ facts: WorkloadFacts) throws(EnrolmentError) -> WorkloadPlace {
        for (uid, entry) in entries where uid != record.uid {
            guard case .serving(let other) = entry.phase else { continue }
            switch (facts, other) {
            case (.namespace(let mine, _), .namespace(let theirs, _))
            where mine.namespace.identity == theirs.namespace.identity:
                throw EnrolmentError(
                    .conflict, "\(record.target.description) is enrolled already, as \(uid)",
                    remedy: "take that one out first with `ambitctl unenroll`")
            case (.host(let mine), .host(let theirs)) where !mine.senders.isDisjoint(with: theirs.senders):
                throw EnrolmentError(
                    .conflict, "the processes of \(record.target.description) are enrolled already, as \(uid)",
                    remedy: "take that one out first with `ambitctl unenroll`")
            default: continue
            }
        }
        if let owner = holder(facts.namespaceIdentity, record) ?? beingPlaced(facts.namespaceIdentity, record.uid) {
            throw EnrolmentError(
                .conflict, "\(record.target.description) is enrolled already, as \(owner)",
                remedy: "take that one out first")
        }
        switch facts {
        case .namespace(let facts, _):
            placing[record.uid] = facts.namespace.identity
            return .namespace(facts.namespace)
        case .host(let facts): return .host(try hostPlace(record, facts))
        }
    }

    private func beingPlaced(_ namespace: NetworkNamespace.Identity?, _ uid: String) -> String? {
        guard let namespace else { return nil }
        return placing.first { $0.key != uid && $0.value == namespace }?.key
    }

    /// What belongs to a workload of the host. Ports that it was given must be nobody else's; of those that it listens on, the
    /// ones that somebody else was given are left out.
    func hostPlace(_ record: EnrolmentRecord, _ facts: HostFacts) throws(EnrolmentError) -> HostPlace {
        guard let outbound = record.outboundPort, let dns = record.dnsPort else { throw Self.busy(record.uid) }
        let others = setup.captured.ports(without: record.uid)
        if let (name, port) = record.ports.first(where: { others[$0.value] != nil }) {
            throw EnrolmentError(
                .conflict,
                "the port '\(name)' of \(record.uid) is \(port), which \(others[port] ?? "another workload") serves",
                remedy: "let the application listen on another port: on one host a port belongs to one workload")
        }
        let ports =
            record.ports.isEmpty ? facts.listening.map(\.port).filter { others[$0] == nil } : Array(record.ports.values)
        return HostPlace(outboundPort: outbound, dnsPort: dns, ports: Set(ports))
    }

    /// Whether nobody listens on a port of this host.
    private static func isFree(_ port: UInt16) -> Bool {
        for address in [SocketAddress.loopback4(port: port), .any4(port: port)] {
            do throws(Errno) { _ = try Socket.listen(on: address) } catch { return false }
        }
        return true
    }
}
