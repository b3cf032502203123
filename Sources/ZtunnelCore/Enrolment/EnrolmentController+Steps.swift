import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry

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
        start(record.uid, isKnown: false) { [weak self] result in
            if case .failure = result { self?.discard(record.uid) }
            completion(result)
        }
    }

    /// Looks at the namespace, then serves the workload in it.
    func start(_ uid: String, isKnown: Bool, _ completion: @escaping Completion) {
        guard let record = entries[uid]?.record else { return }
        onNamespaceThread({ () throws(EnrolmentError) in try NamespaceFacts.read(record.target) }) {
            controller, result in
            switch result {
            case .success(let facts): controller.place(uid, facts, isKnown: isKnown, completion)
            case .failure(let error): controller.failed(uid, error, completion)
            }
        }
    }

    private func place(_ uid: String, _ facts: NamespaceFacts, isKnown: Bool, _ completion: @escaping Completion) {
        guard let record = entries[uid]?.record else { return }
        for entry in entries.values {
            guard case .serving(let other) = entry.phase, other.namespace.identity == facts.namespace.identity else {
                continue
            }
            let error = EnrolmentError(
                .conflict, "the network namespace \(record.target.text) is enrolled already, as \(entry.record.uid)",
                remedy: "take that one out first with `ambitctl unenroll`")
            return failed(uid, error, completion)
        }
        let workload = LocalWorkload(
            uid: uid, name: record.name, namespace: record.namespace, serviceAccount: record.serviceAccount,
            trustDomain: trustDomain, place: .namespace(facts.namespace), addresses: facts.addresses,
            inheritsMarks: true)
        let setup = setup
        onNamespaceThread({ () throws(EnrolmentError) in
            try setup.start(workload, facts, record.target, isKnown: isKnown)
        }) { controller, result in
            switch result {
            case .success: controller.serve(uid, facts, completion)
            case .failure(let error): controller.failed(uid, error, completion)
            }
        }
    }

    private func serve(_ uid: String, _ facts: NamespaceFacts, _ completion: @escaping Completion) {
        guard let record = entries[uid]?.record else { return }
        entries[uid]?.phase = .serving(facts)
        lastProblems[uid] = nil
        lastCodes[uid] = nil
        entries[uid]?.addresses = facts.addresses
        started &+= 1
        let addresses = facts.addresses.map(\.description).joined(separator: ", ")
        log(.info, "workload \(uid) is enrolled in the network namespace \(record.target.text) (\(addresses))")
        onChange()
        completion(statusResult(uid))
    }

    private func failed(_ uid: String, _ error: EnrolmentError, _ completion: @escaping Completion) {
        // The same trouble every few seconds is one line in the log.
        if lastProblems[uid] != error.description { log(.warn, "workload \(uid) is not served: \(error)") }
        lastProblems[uid] = error.description
        lastCodes[uid] = error.code
        entries[uid]?.phase = .waiting(error.description)
        onChange()
        completion(.failure(error))
    }

    private func discard(_ uid: String) {
        guard let entry = entries.removeValue(forKey: uid) else { return }
        lastProblems[uid] = nil
        lastCodes[uid] = nil
        files.remove(entry.record)
        certificates.leave(entry.record.identity(trustDomain: trustDomain))
        onChange()
    }

    /// Takes the capture away, after the data path has let go. A namespace that is gone took it along.
    func uncapture(
        _ uid: String, _ facts: NamespaceFacts?, _ target: NamespaceTarget, _ completion: @escaping Completion
    ) {
        let setup = setup
        onNamespaceThread({ () throws(EnrolmentError) in
            if let facts { return try setup.uncapture(facts, target) }
            do throws(EnrolmentError) {
                try setup.uncapture(try NamespaceFacts.read(target), target)
            } catch  where error.code == .unknown {
                return
            }
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

    /// Changes what does not touch the host: labels, ports, weight, locality.
    func update(_ record: EnrolmentRecord) throws(EnrolmentError) {
        guard entries[record.uid]?.record != record else { return }
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
