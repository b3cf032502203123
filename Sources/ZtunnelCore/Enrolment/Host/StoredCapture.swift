import LinuxNetfilter

/// The capture of the workloads of this host as their stored enrolments say, before anything of them is served: at boot, and
/// when ztunnel starts. On the namespace thread, or in a program of its own.
struct StoredCapture: Sendable {
    let lookup: TargetLookup
    let hasDNS: Bool

    /// What can be captured now, by uid, and a sentence for each workload that cannot.
    func workloads(
        _ records: [EnrolmentRecord]
    ) -> (workloads: [String: HostCapture.Workload], problems: [String]) {
        var workloads: [String: HostCapture.Workload] = [:]
        var problems: [String] = []
        for record in records {
            guard let outbound = record.outboundPort else { continue }
            do throws(EnrolmentError) {
                guard let facts = try lookup.hostFacts(record) else { continue }
                let ports = record.ports.isEmpty ? facts.listening.map(\.port) : Array(record.ports.values)
                workloads[record.uid] = HostCapture.Workload(
                    senders: facts.senders, outboundPort: outbound, dnsPort: hasDNS ? record.dnsPort : nil,
                    ports: Set(ports))
            } catch {
                problems.append("workload \(record.uid) is not captured yet: \(error)")
            }
        }
        return (workloads, problems)
    }
}
