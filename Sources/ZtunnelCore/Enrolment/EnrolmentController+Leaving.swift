import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// How a workload leaves: first nothing new of it is captured and every node is told; for a moment its listeners stay, for peers
/// that have not heard yet; then what is open has until a deadline; with the last of it goes what is left of the capture.
///
/// A leaver is stored on the disk, apart from the enrolments, until nothing of it is left: the next ztunnel, or
/// `ztunnel capture remove`, finishes what this one does not come to. A workload that is enrolled again meanwhile is served as
/// new, beside its older connections.
extension EnrolmentController {
    /// How long peers are served that have not heard yet: every node knows within a second.
    static let hearingDelay: Duration = .seconds(1)
    /// How long the data path may take to see that nothing is open, before the order is answered anyway.
    static let quietDelay: Duration = .milliseconds(250)

    /// Takes out a workload that is served.
    func release(_ uid: String, _ facts: WorkloadFacts, _ completion: @escaping Completion) {
        guard let record = entries[uid]?.record else { return }
        do throws(EnrolmentError) {
            try leavingFiles.save(record)
        } catch {
            entries[uid]?.phase = .serving(facts)
            return completion(.failure(error))
        }
        let setup = setup
        onNamespaceThread({ () throws(EnrolmentError) in try setup.release(uid, facts, record) }) {
            controller, result in
            switch result {
            case .success: controller.released(uid, facts, completion)
            case .failure(let error):
                // It may be half captured: it is looked at again, and the order may be given again.
                controller.leavingFiles.remove(record)
                controller.entries[uid]?.phase = .serving(facts)
                completion(.failure(error))
            }
        }
    }

    private func released(_ uid: String, _ facts: WorkloadFacts, _ completion: @escaping Completion) {
        guard let record = entries[uid]?.record else { return }
        entries[uid]?.phase = .serving(facts)
        let status = status(uid)
        stopped &+= 1
        let timer = loop.schedule(after: Self.hearingDelay) { [weak self] in self?.stopReceiving(uid) }
        leavers[uid] = Leaver(
            record: record, facts: facts, phase: .receiving(timer), completion: completion, status: status)
        remove(uid)
        log(.info, "workload \(uid) is no longer enrolled; no new connection of it is captured")
    }

    /// Every node has heard: the listeners close, and what is open has until the deadline.
    func stopReceiving(_ uid: String) {
        guard case .receiving(let timer) = leavers[uid]?.phase, let record = leavers[uid]?.record else { return }
        loop.cancel(timer)
        leavers[uid]?.phase = .draining
        certificates.leave(record.identity(trustDomain: trustDomain))
        setup.names?.remove(uid)
        drains[uid, default: 0] += 1
        let home = LoopBound(self)
        setup.dataPath.remove(uid, mode: .graceful(deadline: leaveDeadline)) { [loop] in
            loop.submitAlways { home.value.drained(uid) }
        }
        loop.schedule(after: Self.quietDelay) { [weak self] in self?.answer(uid) }
    }

    private func drained(_ uid: String) {
        drains[uid, default: 1] -= 1
        if drains[uid] == 0 { drains[uid] = nil }
        finish(uid)
    }

    /// Finishes with those of whom nothing is open any more; called when something may have ended elsewhere.
    package func finishLeavers() {
        for uid in leavers.keys { finish(uid) }
    }

    private func finish(_ uid: String) {
        // The rules are the next generation's while it takes over and from then on; older ones may carry its connections.
        guard orders == .taken, entries[uid] == nil, drains[uid] == nil, let leaver = leavers[uid],
            case .draining = leaver.phase, !hasOlderGenerations()
        else { return }
        leavers[uid]?.phase = .removing
        let setup = setup
        let (facts, record) = (leaver.facts, leaver.record)
        onNamespaceThread({ () throws(EnrolmentError) in try setup.uncapture(uid, facts, record) }) {
            controller, result in
            // It may have been enrolled again.
            guard case .removing = controller.leavers[uid]?.phase else { return }
            switch result {
            case .success:
                controller.answer(uid)
                controller.leavers[uid] = nil
                controller.lastProblems[uid] = nil
                controller.leavingFiles.remove(record)
                controller.log(.info, "workload \(uid) has left: its last connection has ended, nothing of it remains")
            case .failure(let error):
                // Tried again with the next look at the workloads.
                controller.leavers[uid]?.phase = .draining
                if controller.lastProblems[uid] != error.description {
                    controller.log(.warn, "workload \(uid): \(error)")
                }
                controller.lastProblems[uid] = error.description
            }
        }
    }

    private func answer(_ uid: String) {
        guard let leaver = leavers[uid], let completion = leaver.completion, let status = leaver.status else { return }
        leavers[uid]?.completion = nil
        completion(.success(status))
    }

    /// A workload that was leaving is served again: what is open of the last time ends by itself.
    func readmit(_ uid: String) {
        guard let leaver = leavers[uid] else { return }
        answer(uid)
        leavers[uid] = nil
        leavingFiles.remove(leaver.record)
        onNamespaceThread({ [setup] () throws(EnrolmentError) in setup.captured.readmit(uid) }) { _, _ in }
    }

    /// The ports of a leaver of the host may be the next workload's at once.
    func makeRoom(for facts: WorkloadFacts) {
        guard case .host = facts else { return }
        for (uid, leaver) in leavers {
            if case .host = leaver.facts { stopReceiving(uid) }
        }
    }

    /// Those who were leaving when ztunnel last ran: their connections ended with it, unless an older generation has them.
    func restoreLeavers() {
        let (records, problems) = leavingFiles.load()
        for problem in problems { log(.error, problem) }
        for record in records {
            guard entries[record.uid] == nil else {
                // The order came to nothing.
                leavingFiles.remove(record)
                continue
            }
            leavers[record.uid] = Leaver(record: record, facts: nil, phase: .draining)
        }
        let onHost = leavers.values.filter { $0.record.outboundPort != nil }.map(\.record.uid)
        setup.captured.keep(for: Set(onHost))
        finishLeavers()
    }
}
