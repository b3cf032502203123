import LinuxNetfilter
import LinuxSystem
import NodeCore

/// `ztunnel capture load|remove`: the capture rules of all stored enrolments, without a running ztunnel and without a control
/// plane.
///
/// `load` is for an early unit at boot, before enrolled units start: until ztunnel runs, their traffic is refused, not sent in
/// the clear. `remove` is for the removal of the package. Both may be repeated.
struct CaptureProgram {
    /// What is asked for.
    enum Action: String {
        case load
        case remove
    }

    private let files: EnrolmentFiles
    /// Workloads that were taken out and have connections still.
    private let leavingFiles: EnrolmentFiles
    private let host: HostView
    private let hasDNS: Bool
    private let excludedInterfaces: [String]
    /// Tells the administrator.
    private let say: (String) -> Void

    /// Works on the enrolments of the state directory that `configuration` names.
    init(
        _ configuration: NodeConfiguration, host: HostView = HostView(), say: @escaping (String) -> Void
    ) throws(StateDirectoryError) {
        let directory = try StateDirectory(configuration.stateDirectory)
        files = EnrolmentFiles(directory: try directory.inside("enrolments"))
        leavingFiles = EnrolmentFiles(directory: try directory.inside("leaving"))
        self.host = host
        hasDNS = configuration.dns
        excludedInterfaces = configuration.excludedInterfaces
        self.say = say
    }

    /// Does it. What cannot be done for one workload is said, and the others go on.
    func run(_ action: Action) throws {
        switch action {
        case .load: try load()
        case .remove: try remove()
        }
    }

    private func load() throws {
        let (records, problems) = files.load()
        for problem in problems { say(problem) }
        try loadHost(records)
        for record in records {
            guard case .networkNamespace(let target) = record.target,
                let facts = try? NamespaceFacts.read(target)
            else { continue }
            let rules = WorkloadCapture(dns: hasDNS, excludedInterfaces: excludedInterfaces, families: facts.families)
            try inside(facts) { () throws(NetfilterError) in try rules.apply() }
        }
    }

    private func loadHost(_ records: [EnrolmentRecord]) throws {
        // A ztunnel that runs, or has run, has put more into them than the enrolments say.
        if try HostCapture.isLoaded() { return }
        let stored = StoredCapture(lookup: TargetLookup(host), hasDNS: hasDNS)
        let (workloads, problems) = stored.workloads(records)
        for problem in problems { say(problem) }
        guard !workloads.isEmpty else { return }
        let captured = CapturedHost(excludedInterfaces: excludedInterfaces, host: host)
        try captured.restore(workloads)
    }

    private func remove() throws {
        let records = files.load().records + leavingFiles.load().records
        try HostCapture.remove(host.families)
        for record in records {
            guard case .networkNamespace(let target) = record.target,
                let facts = try? NamespaceFacts.read(target)
            else { continue }
            try inside(facts) { () throws(NetfilterError) in try WorkloadCapture.remove(facts.families) }
        }
        try UnitSetup.removeAll(host)
        host.marks.clear()
    }

    private func inside(_ facts: NamespaceFacts, _ body: () throws(NetfilterError) -> Void) throws {
        let problem = try facts.namespace.run { () throws(Errno) -> NetfilterError? in
            do throws(NetfilterError) {
                try body()
                return nil
            } catch {
                return error
            }
        }
        if let problem { throw problem }
    }
}
