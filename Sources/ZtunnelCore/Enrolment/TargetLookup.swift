import LinuxNetfilter
import LinuxSystem
import MeshModel

/// Finds out where the processes of an enrolment's target are. On the namespace thread; blocks for files and programs.
package struct TargetLookup: Sendable {
    let host: HostView
    let addresses: HostAddressSetting

    /// Looks at `host`; workloads that share its addresses are reported with those of `addresses`.
    package init(_ host: HostView, addresses: HostAddressSetting = .found) {
        self.host = host
        self.addresses = addresses
    }

    /// What there is to know of the target of `record` now. `previous` is what was found last time, if it was served.
    func facts(_ record: EnrolmentRecord, previous: WorkloadFacts? = nil) throws(EnrolmentError) -> WorkloadFacts {
        switch record.target {
        case .networkNamespace(let target): .namespace(try NamespaceFacts.read(target), target)
        case .container(let container): try facts(ofProcess: "\(ContainerLeader(host).find(container))", record)
        case .process(let process):
            try checked(process, record.process) { () throws(EnrolmentError) in
                try facts(ofProcess: "\(process.number)", record)
            }
        case .user(let user): .host(try facts(user: try user.number()))
        case .slice(let slice): .host(try facts(slice))
        case .unit(let unit): .host(try facts(unit, record, previous))
        }
    }

    /// The same for what shares the host's network namespace; nil for what has one of its own.
    func hostFacts(_ record: EnrolmentRecord) throws(EnrolmentError) -> HostFacts? {
        if case .networkNamespace = record.target { return nil }
        guard case .host(let facts) = try facts(record) else { return nil }
        return facts
    }

    private func checked<Value>(
        _ process: ProcessTarget, _ expected: String, _ then: () throws(EnrolmentError) -> Value
    ) throws(EnrolmentError) -> Value {
        // Looked at before and after: what was found in between belongs to the process that was meant.
        let before = host.incarnation(process)
        guard before == expected else { throw Self.gone(process) }
        let value = try then()
        guard host.incarnation(process) == expected else { throw Self.gone(process) }
        return value
    }

    private static func gone(_ process: ProcessTarget) -> EnrolmentError {
        EnrolmentError(
            .unknown, "the process \(process.number) that was enrolled has ended",
            remedy: "unenrol it; enrol a unit or a slice to keep the enrolment across restarts")
    }

    private func facts(ofProcess process: String, _ record: EnrolmentRecord) throws(EnrolmentError) -> WorkloadFacts {
        let path = "\(host.processFolder)/\(process)/ns/net"
        let isHosts: Bool
        do throws(Errno) {
            isHosts = try NetworkNamespace(path: path).identity == NetworkNamespace.current().identity
        } catch {
            throw EnrolmentError(
                .unknown, "there is no process \(process) of \(record.target.description) (\(path): \(error))",
                remedy: "start it; the enrolment takes effect then")
        }
        if !isHosts {
            let target = try NamespaceTarget(path)
            return .namespace(try NamespaceFacts.read(target), target)
        }
        let text = host.controlGroup(of: process) ?? ""
        guard let group = ControlGroupPath(text) else {
            throw EnrolmentError(
                .invalid,
                "\(record.target.description) shares the host's network namespace and is in the control group '\(text)', "
                    + "which capture rules cannot name",
                remedy: "run it as a systemd service (systemd-run), and enrol that (kind unit)")
        }
        return .host(try facts(group, note: nil))
    }

    private func facts(_ slice: SliceTarget) throws(EnrolmentError) -> HostFacts {
        try UnitSetup(host: host).start(slice: slice.name, slice.path)
        let note = host.isPopulated(slice.path) ? nil : "nothing runs in the slice \(slice.name)"
        return try facts(slice.path, note: note)
    }

    private func facts(
        _ unit: UnitTarget, _ record: EnrolmentRecord, _ previous: WorkloadFacts?
    ) throws(EnrolmentError) -> HostFacts {
        let setup = UnitSetup(host: host)
        guard let files = UnitFiles(unit: unit, uid: record.uid, marks: host.marks) else {
            throw EnrolmentError(
                .invalid, "the name \(record.uid) is too long for a slice of systemd",
                remedy: "choose a namespace and a name of at most 200 characters together")
        }
        try setup.prepare(files)
        var groups = [files.group]
        var note: String?
        if case .host(let before) = previous, host.identity(files.group) == before.groups[files.group] {
            // A unit that ran when it was enrolled stays where it was until it is restarted.
            groups += before.groups.filter { $0.key != files.group && host.identity($0.key) == $0.value }.map(\.key)
            if !groups.contains(where: host.isPopulated) { note = "the unit \(unit.name) does not run" }
        } else {
            let (current, isKnown) = try setup.state(of: unit)
            if let current, !files.group.contains(current.description) { groups.append(current) }
            if !isKnown {
                note = "there is no unit \(unit.name) yet"
            } else if !groups.contains(where: host.isPopulated) {
                note = "the unit \(unit.name) does not run"
            }
        }
        return try facts(groups, note: note)
    }

    private func facts(user: UInt32) throws(EnrolmentError) -> HostFacts {
        var facts = try base()
        facts.user = user
        facts.listening = ListeningPorts.of(try listeners()) { $0.user == user }
        return facts
    }

    private func facts(_ group: ControlGroupPath, note: String?) throws(EnrolmentError) -> HostFacts {
        try facts([group], note: note)
    }

    private func facts(_ groups: [ControlGroupPath], note: String?) throws(EnrolmentError) -> HostFacts {
        var facts = try base()
        var inside: Set<UInt64> = []
        let own = host.controlGroup(of: "self") ?? "/"
        for group in groups {
            guard !group.contains(own) else {
                throw EnrolmentError(
                    .invalid, "ztunnel itself runs in the control group \(group)",
                    remedy: "enrol something that does not hold ztunnel, such as a unit")
            }
            guard let identity = host.identity(group) else { continue }
            facts.groups[group] = identity
            inside.formUnion(host.identities(under: group))
        }
        guard !facts.groups.isEmpty else {
            throw EnrolmentError(
                .unknown, "there is no control group \(groups.map(\.description).joined(separator: ", "))",
                remedy: "start the workload; the enrolment takes effect then")
        }
        facts.listening = ListeningPorts.of(try listeners()) { socket in
            socket.controlGroup.map(inside.contains) ?? false
        }
        facts.note = note
        return facts
    }

    private func base() throws(EnrolmentError) -> HostFacts {
        let found: [InterfaceAddress]
        let interfaces: Set<UInt32>
        do throws(NetfilterError) {
            var routes = try RouteTable()
            found = try routes.addresses()
            interfaces = try routes.defaultInterfaces()
        } catch {
            throw Self.unreadable(error)
        }
        let chosen: [IPAddress] =
            switch addresses {
            case .fixed(let list): list
            case .found: HostAddresses.choose(found, defaultInterfaces: interfaces)
            }
        return HostFacts(
            addresses: chosen, groups: [:], user: nil, listening: [],
            note: nil)
    }

    private func listeners() throws(EnrolmentError) -> [ListeningSocket] {
        do throws(NetfilterError) {
            var diagnostics = try SocketDiagnostics()
            return try diagnostics.listeners()
        } catch {
            throw Self.unreadable(error)
        }
    }

    private static func unreadable(_ error: NetfilterError) -> EnrolmentError {
        EnrolmentError(
            .failed, "the host's network cannot be read: \(error)", remedy: "run ztunnel with CAP_NET_ADMIN")
    }
}
