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
        return EnrolmentStatus(record: entry.record, addresses: entry.addresses, problem: problem)
    }

    func statusResult(_ uid: String) -> Result<EnrolmentStatus, EnrolmentError> {
        guard let status = status(uid) else {
            return .failure(EnrolmentError(.unknown, "no workload \(uid) is enrolled on this node", remedy: "enrol it"))
        }
        return .success(status)
    }

    /// A served workload may change its labels, not who or where it is.
    static func check(_ record: EnrolmentRecord, against served: EnrolmentRecord) throws(EnrolmentError) {
        guard record.target == served.target else {
            throw EnrolmentError(
                .conflict,
                "the name \(record.uid) is taken by the workload in the network namespace \(served.target.text)",
                remedy: "choose another name, or run `ambitctl unenroll` for that one first")
        }
        guard record.serviceAccount == served.serviceAccount else { throw otherIdentity(record, served) }
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
