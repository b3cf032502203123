import LinuxNetfilter
import LinuxSystem
import NodeCore

/// Puts one workload in place, and takes it away again.
///
/// Runs on the namespace thread, never on a worker: it enters network namespaces and waits for nftables. The order never
/// leaks and never breaks an established flow: the listeners are there before the first packet is redirected to them, and at
/// the end nothing new is captured first (`release`); the rest goes when the last connection has ended (`uncapture`).
struct WorkloadSetup: Sendable {
    let dataPath: any WorkloadServing
    let names: (any NameServing)?
    let excludedInterfaces: [String]
    /// Whether the rules of a workload that was enrolled before are loaded: not while the process that serves it now has
    /// them in force.
    var loadsKnownRules = true
    let host: HostView
    let captured: CapturedHost

    /// Serves `workload` and captures its traffic. `isKnown`: it was enrolled before, so the rules come first and its
    /// traffic is refused, not sent in the clear, should the rest fail.
    func start(
        _ workload: LocalWorkload, _ facts: WorkloadFacts, _ record: EnrolmentRecord, isKnown: Bool
    ) throws(EnrolmentError) {
        if isKnown, loadsKnownRules || workload.place.host != nil { try capture(workload, facts) }
        try listeners.open(workload, resolverFiles: facts.resolverFiles)
        guard !isKnown else { return }
        do throws(EnrolmentError) {
            try capture(workload, facts)
        } catch {
            listeners.close(workload.uid)
            try? uncapture(workload.uid, facts, record)
            throw error
        }
    }

    /// The part that captures nothing.
    var listeners: WorkloadListeners { WorkloadListeners(dataPath: dataPath, names: names) }

    /// Follows what has changed about a workload of the host that is served: its control groups and its ports.
    func follow(_ uid: String, _ place: HostPlace, _ facts: HostFacts) throws(EnrolmentError) {
        do throws(DataPlaneError) {
            try dataPath.update(uid, ports: place.ports)
        } catch {
            throw EnrolmentError(
                .conflict, "the ports of \(uid) cannot be served: \(error)", remedy: "give it other ones with --port")
        }
        try captured.set(uid, elements(place, facts))
    }

    /// Captures nothing new of a workload that is served; its connections go on.
    func release(_ uid: String, _ facts: WorkloadFacts, _ record: EnrolmentRecord) throws(EnrolmentError) {
        switch facts {
        case .host: try captured.release(uid)
        case .namespace(let facts, let target):
            try inside(facts.namespace, target) { () throws(NetfilterError) in try WorkloadCapture.release() }
        }
        try forget(record)
    }

    /// Takes the capture away, after the data path has let go of the workload. `facts` is nil when it was not served.
    func uncapture(_ uid: String, _ facts: WorkloadFacts?, _ record: EnrolmentRecord) throws(EnrolmentError) {
        if record.outboundPort != nil { try captured.remove(uid) }
        try forget(record)
        switch (facts, record.target) {
        case (.namespace(let facts, let target), _): try uncapture(facts, target)
        case (nil, .networkNamespace(let target)):
            do throws(EnrolmentError) {
                try uncapture(try NamespaceFacts.read(target), target)
            } catch  where error.code == .unknown {
                // A namespace that is gone took its rules along.
            }
        default: break
        }
    }

    /// Takes back what systemd was told about a workload that is a unit.
    func forget(_ record: EnrolmentRecord) throws(EnrolmentError) {
        guard case .unit(let unit) = record.target,
            let files = UnitFiles(unit: unit, uid: record.uid, marks: host.marks)
        else { return }
        try UnitSetup(host: host).withdraw(files)
    }

    private func uncapture(_ facts: NamespaceFacts, _ target: NamespaceTarget) throws(EnrolmentError) {
        try inside(facts.namespace, target) { () throws(NetfilterError) in
            try WorkloadCapture.remove(facts.families)
        }
    }

    /// Loads the rules, or brings them to the form of this program.
    func capture(_ facts: NamespaceFacts, _ target: NamespaceTarget) throws(EnrolmentError) {
        let rules = WorkloadCapture(
            dns: names != nil, excludedInterfaces: excludedInterfaces, families: facts.families)
        try inside(facts.namespace, target) { () throws(NetfilterError) in try rules.apply() }
    }

    private func capture(_ workload: LocalWorkload, _ facts: WorkloadFacts) throws(EnrolmentError) {
        switch facts {
        case .namespace(let facts, let target):
            try capture(facts, target)
        case .host(let facts):
            guard let place = workload.place.host else { return }
            try captured.set(workload.uid, elements(place, facts))
        }
    }

    private func elements(_ place: HostPlace, _ facts: HostFacts) -> HostCapture.Workload {
        HostCapture.Workload(
            senders: facts.senders, outboundPort: place.outboundPort, dnsPort: names == nil ? nil : place.dnsPort,
            ports: place.ports)
    }

    private func inside(
        _ namespace: NetworkNamespace, _ target: NamespaceTarget, _ body: () throws(NetfilterError) -> Void
    ) throws(EnrolmentError) {
        let problem: NetfilterError?
        do throws(Errno) {
            problem = try namespace.run { () throws(Errno) -> NetfilterError? in
                do throws(NetfilterError) {
                    try body()
                    return nil
                } catch {
                    return error
                }
            }
        } catch {
            throw EnrolmentError(
                .failed, "the network namespace \(target.text) cannot be entered: \(error)",
                remedy: "run ztunnel with CAP_SYS_ADMIN")
        }
        if let problem {
            throw EnrolmentError(
                .failed, "\(problem) in the network namespace \(target.text)",
                remedy: "run ztunnel with CAP_NET_ADMIN, on a kernel with nf_tables and conntrack")
        }
    }
}
