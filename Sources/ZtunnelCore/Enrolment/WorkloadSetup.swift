import LinuxNetfilter
import LinuxSystem

/// Puts one workload in place inside its network namespace, and takes it away again.
///
/// Runs on the namespace thread, never on a worker: it enters the namespace and waits for nftables. The order never leaks
/// and never breaks an established flow: the listeners are there before the first packet is redirected to them, and at
/// the end the redirects go last, when nothing of ours is left that sends through them.
struct WorkloadSetup: Sendable {
    let dataPath: any WorkloadServing
    let names: (any NameServing)?
    let excludedInterfaces: [String]
    /// Whether the rules of a workload that was enrolled before are loaded: not while the process that serves it now has
    /// them in force.
    var loadsKnownRules = true

    /// Serves `workload` and captures its traffic. `isKnown`: it was enrolled before, so the rules come first and its
    /// traffic is refused, not sent in the clear, should the rest fail.
    func start(
        _ workload: LocalWorkload, _ facts: NamespaceFacts, _ target: NamespaceTarget, isKnown: Bool
    ) throws(EnrolmentError) {
        if isKnown, loadsKnownRules { try capture(facts, target) }
        do throws(DataPlaneError) {
            try dataPath.add(workload)
        } catch {
            throw EnrolmentError(
                .failed, "the listeners of \(workload.uid) cannot be opened in \(target.text): \(error)",
                remedy: "free the ports 15001, 15006 and 15008 in that network namespace")
        }
        do throws(EnrolmentError) {
            try names?.add(workload, resolverFiles: target.resolverFiles)
            if !isKnown { try capture(facts, target) }
        } catch {
            names?.remove(workload.uid)
            dataPath.remove(workload.uid, mode: .immediate) {}
            if !isKnown { try? uncapture(facts, target) }
            throw error
        }
    }

    /// Takes the capture away, after the data path has let go of the workload.
    func uncapture(_ facts: NamespaceFacts, _ target: NamespaceTarget) throws(EnrolmentError) {
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
