import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// The steps of an order: what is decided on the control loop, and what runs on the namespace thread in between.
extension EnrolmentController {
    /// A new workload: nothing of it is kept if it cannot be served.
    func begin(_ record: EnrolmentRecord, _ completion: @escaping Completion) throws(EnrolmentError) {
        guard entries.count < Self.workloadLimit else {
            throw EnrolmentError(
                .conflict, "\(Self.workloadLimit) workloads are enrolled on this node, which is the limit",
                remedy: "take out workloads that are gone with `ambitctl unenroll`")
        }
        // Stored first: should the node crash half way, the next start finishes the work, and unenrolling cleans up.
        try files.save(record)
        entries[record.uid] = Entry(record: record, phase: .busy)
        certificates.host(record.identity(trustDomain: trustDomain))
        stopReceiving(record.uid)
        // What a file asks for is captured as soon as it is there, however long that takes.
        let isKept = !record.source.isEmpty
        // The rules are there still, for the connections of the last time.
        start(record.uid, isKnown: isKept || leavers[record.uid] != nil) { [weak self] result in
            if case .failure(let error) = result, !isKept || error.code == .invalid || error.code == .conflict {
                self?.forget(record)
            }
            completion(result)
        }
    }

    /// Drops an enrolment that came to nothing. Its unit must start as if it had never been enrolled.
    private func forget(_ record: EnrolmentRecord) {
        discard(record.uid)
        let setup = setup
        let before = leavers[record.uid]?.facts
        onNamespaceThread({ () throws(EnrolmentError) in
            if let before { try setup.release(record.uid, before, record) } else { try setup.forget(record) }
        }) { controller, result in
            if case .failure(let error) = result { controller.log(.error, "workload \(record.uid): \(error)") }
        }
    }

    /// The record, with the process that has the target's number now: later somebody else may have it.
    func pinned(_ record: EnrolmentRecord) throws(EnrolmentError) -> EnrolmentRecord {
        guard case .process(let process) = record.target else { return record }
        guard let incarnation = lookup.host.incarnation(process) else {
            throw EnrolmentError(
                .unknown, "there is no process \(process.number)", remedy: "give the number that `ps` shows")
        }
        var record = record
        record.process = incarnation
        return record
    }

    /// Puts the capture of all workloads of the host in place, in the state in which they were left.
    func restoreCapture(_ records: [EnrolmentRecord]) {
        let setup = setup
        let rules = StoredCapture(lookup: lookup, hasDNS: setup.names != nil)
        onNamespaceThread({ () throws(EnrolmentError) -> [String] in
            let (workloads, problems) = rules.workloads(records)
            try setup.captured.restore(workloads)
            return problems
        }) { controller, result in
            switch result {
            case .success(let problems): for problem in problems { controller.log(.warn, problem) }
            case .failure(let error):
                controller.log(.error, "the capture rules of this host are not restored: \(error)")
            }
        }
    }

    /// Looks where the workload is, then serves it there.
    func start(_ uid: String, isKnown: Bool, _ completion: @escaping Completion) {
        guard let record = entries[uid]?.record else { return }
        let lookup = lookup
        onNamespaceThread({ () throws(EnrolmentError) in try lookup.facts(record) }) { controller, result in
            switch result {
            case .success(let facts): controller.place(uid, facts, isKnown: isKnown, completion)
            case .failure(let error): controller.failed(uid, error, completion)
            }
        }
    }

    private func place(_ uid: String, _ facts: WorkloadFacts, isKnown: Bool, _ completion: @escaping Completion) {
        do throws(EnrolmentError) {
            let record = try numbered(uid, facts)
            let place = try workloadPlace(record, facts)
            makeRoom(for: facts)
            let workload = LocalWorkload(
                uid: uid, name: record.name, namespace: record.namespace, serviceAccount: record.serviceAccount,
                trustDomain: trustDomain, place: place, addresses: facts.addresses,
                // The host's own sockets keep their marks: its rules know ztunnel's connections in conntrack.
                inheritsMarks: facts.namespaceIdentity != nil)
            let setup = setup
            onNamespaceThread({ () throws(EnrolmentError) in
                try setup.start(workload, facts, record, isKnown: isKnown)
            }) { controller, result in
                switch result {
                case .success: controller.serve(uid, facts, completion)
                case .failure(let error):
                    controller.renumber(uid)
                    controller.failed(uid, error, completion)
                }
            }
        } catch {
            failed(uid, error, completion)
        }
    }

    private func serve(_ uid: String, _ facts: WorkloadFacts, _ completion: @escaping Completion) {
        guard let record = entries[uid]?.record else { return }
        entries[uid]?.phase = .serving(facts)
        placing[uid] = nil
        readmit(uid)
        lastProblems[uid] = nil
        lastCodes[uid] = nil
        entries[uid]?.addresses = facts.addresses
        started &+= 1
        let addresses = facts.addresses.map(\.description).joined(separator: ", ")
        log(.info, "workload \(uid) is enrolled: \(record.target.description) (\(addresses))")
        if let note = facts.note { log(.info, "workload \(uid) takes no connections yet: \(note)") }
        onChange()
        completion(statusResult(uid))
    }

    private func failed(_ uid: String, _ error: EnrolmentError, _ completion: @escaping Completion) {
        // The same trouble every few seconds is one line in the log.
        if lastProblems[uid] != error.description { log(.warn, "workload \(uid) is not served: \(error)") }
        lastProblems[uid] = error.description
        lastCodes[uid] = error.code
        placing[uid] = nil
        entries[uid]?.phase = .waiting(error.description)
        onChange()
        completion(.failure(error))
    }

    /// It is enrolled no more.
    func discard(_ uid: String) {
        guard let entry = entries[uid] else { return }
        remove(uid)
        certificates.leave(entry.record.identity(trustDomain: trustDomain))
    }

    /// The same for one whose certificate is needed still.
    func remove(_ uid: String) {
        guard let entry = entries.removeValue(forKey: uid) else { return }
        lastProblems[uid] = nil
        lastCodes[uid] = nil
        files.remove(entry.record)
        onChange()
    }

    /// Takes the capture of a workload away that is not served.
    func uncapture(_ uid: String, _ completion: @escaping Completion) {
        guard let record = entries[uid]?.record else { return }
        let setup = setup
        onNamespaceThread({ () throws(EnrolmentError) in
            try setup.uncapture(uid, nil, record)
        }) { controller, result in
            switch result {
            case .success:
                guard let status = controller.status(uid) else { return }
                controller.stopped &+= 1
                controller.discard(uid)
                controller.log(.info, "workload \(uid) is no longer enrolled; its traffic is not captured any more")
                completion(.success(status))
            case .failure(let error):
                // The rules are still there: the workload stays refused, and the order may be given again.
                controller.failed(uid, error, completion)
            }
        }
    }

    /// Takes over what may change: labels, ports, weight, locality, group.
    func update(_ record: EnrolmentRecord, keeping before: EnrolmentRecord) throws(EnrolmentError) {
        var record = record
        record.outboundPort = before.outboundPort
        if record.process.isEmpty { record.process = before.process }
        guard before != record else { return }
        try files.save(record)
        entries[record.uid]?.record = record
        onChange()
    }

    /// Runs `work` on the namespace thread and `then` on the control loop again.
    func onNamespaceThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws(EnrolmentError) -> Value,
        then: @escaping (EnrolmentController, Result<Value, EnrolmentError>) -> Void
    ) {
        let home = LoopBound(self)
        let next = LoopBound(then)
        let isQueued = namespaces.loop.submit { [loop] in
            let result = Result { () throws(EnrolmentError) in try work() }
            loop.submitAlways {
                next.value(home.value, result)
            }
        }
        guard !isQueued else { return }
        then(
            self,
            .failure(
                EnrolmentError(
                    .unavailable, "too much is being done to network namespaces", remedy: "try again in a moment")))
    }
}
