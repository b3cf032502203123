package import LinuxSystem

/// What an order is answered with.
extension EnrolmentController {
    /// One enrolment as the control socket shows it.
    func status(_ uid: String) -> EnrolmentStatus? {
        guard let entry = entries[uid] else { return nil }
        let problem: String? =
            switch entry.phase {
            case .serving: nil
            case .busy: "it is being worked on"
            case .waiting(let reason): reason
            }
        guard case .serving(let facts) = entry.phase else {
            return EnrolmentStatus(
                record: entry.record, addresses: entry.addresses, sharesHost: entry.record.outboundPort != nil,
                problem: problem)
        }
        let ports = entry.record.ports.isEmpty ? EnrolmentStatus.named(facts.listeningPorts) : entry.record.ports
        return EnrolmentStatus(
            record: entry.record, addresses: entry.addresses, ports: ports,
            sharesHost: facts.namespaceIdentity == nil, problem: problem, note: facts.note, namespace: facts.namespace)
    }

    /// What is enrolled under a name.
    func record(_ uid: String) -> EnrolmentRecord? { entries[uid]?.record }

    func statusResult(_ uid: String) -> Result<EnrolmentStatus, EnrolmentError> {
        guard let status = status(uid) else {
            return .failure(Self.unknown(uid))
        }
        return .success(status)
    }

    /// The workload that has a network namespace, or a name; nil if none.
    package func owner(of namespace: NetworkNamespace.Identity, orName reference: WorkloadReference) -> String? {
        if let entry = entries[reference.text] { return "\(entry.record.uid) is enrolled on this node already" }
        let served = entries.values.first { entry in
            if case .serving(let facts) = entry.phase { facts.namespaceIdentity == namespace } else { false }
        }
        let uid = served?.record.uid ?? placing.first { $0.value == namespace }?.key
        return uid.map { "its network namespace is enrolled already, as \($0)" }
    }

    /// A served workload may change its labels, not who or where it is.
    static func check(_ record: EnrolmentRecord, against served: EnrolmentRecord) throws(EnrolmentError) {
        guard record.target == served.target else {
            throw EnrolmentError(
                .conflict,
                "the name \(record.uid) is taken by \(served.target.description)",
                remedy: "choose another name, or run `ambitctl unenroll` for that one first")
        }
        guard record.serviceAccount == served.serviceAccount else { throw otherIdentity(record, served) }
    }

    /// What a file keeps is changed in the file: else the file would change it back.
    static func check(_ record: EnrolmentRecord, source kept: EnrolmentRecord) throws(EnrolmentError) {
        guard kept.source.isEmpty || record.source == kept.source else {
            throw EnrolmentError(
                .conflict, "\(record.uid) is enrolled by the file \(kept.source)", remedy: "change or remove that file")
        }
    }

    static func unknown(_ uid: String) -> EnrolmentError {
        EnrolmentError(
            .unknown, "no workload \(uid) is enrolled on this node",
            remedy: "see the enrolled ones with `ambitctl enroll list`")
    }

    static func otherIdentity(_ record: EnrolmentRecord, _ served: EnrolmentRecord) -> EnrolmentError {
        EnrolmentError(
            .conflict,
            "\(record.uid) is enrolled with the service account \(served.serviceAccount), not \(record.serviceAccount)",
            remedy: "run `ambitctl unenroll` for it first, then enrol it again")
    }

    static func busy(_ uid: String) -> EnrolmentError {
        EnrolmentError(.unavailable, "something is being done to \(uid) already", remedy: "try again in a moment")
    }

    /// Throws where no order is taken now.
    func admitOrder() throws(EnrolmentError) {
        switch orders {
        case .taken: return
        case .frozen:
            throw EnrolmentError(.unavailable, "ztunnel is being upgraded", remedy: "try again in a moment")
        case .ended:
            throw EnrolmentError(.unavailable, "ztunnel is stopping", remedy: "enrol the workload when it runs again")
        }
    }
}
