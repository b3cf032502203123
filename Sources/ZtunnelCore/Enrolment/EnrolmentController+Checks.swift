import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// Looking after what is enrolled: workloads come, go, and change their addresses and ports.
extension EnrolmentController {
    /// What became of a workload since it was served, or looked at last.
    private enum Finding: Sendable {
        /// It is the same one; its addresses or ports may have changed.
        case same(WorkloadFacts)
        /// The name leads to another one, or nowhere.
        case gone(String)
    }

    private struct Served: Sendable {
        let record: EnrolmentRecord
        let facts: WorkloadFacts
    }

    /// Looks again after `checkInterval`, for as long as the node runs.
    func scheduleCheck() {
        _ = loop.schedule(after: Self.checkInterval) { [weak self] in
            guard let self, orders != .ended else { return }
            if orders == .taken { check() }
            scheduleCheck()
        }
    }

    /// Looks at all workloads now: something is known to have changed.
    func check() {
        checkRules()
        finishLeavers()
        var served: [Served] = []
        for (uid, entry) in entries {
            switch entry.phase {
            case .busy: continue
            case .waiting:
                entries[uid]?.phase = .busy
                start(uid, isKnown: true) { _ in }
            case .serving(let facts): served.append(Served(record: entry.record, facts: facts))
            }
        }
        guard !served.isEmpty else { return }
        let asked = served
        let lookup = lookup
        onNamespaceThread({ () throws(EnrolmentError) in
            asked.map { served -> (String, Finding) in (served.record.uid, Self.look(served, lookup)) }
        }) { controller, result in
            guard case .success(let findings) = result else { return }
            for (uid, finding) in findings { controller.apply(finding, to: uid) }
        }
    }

    /// `nft flush ruleset`, which a restart of nftables.service does, takes our rules along.
    private func checkRules() {
        let captured = setup.captured
        onNamespaceThread({ () throws(EnrolmentError) in try captured.reloadIfMissing() }) { controller, result in
            switch result {
            case .success(false): return
            case .success(true):
                controller.log(
                    .error,
                    "somebody removed the capture rules of this host (table inet ambit-host); they are loaded again, but "
                        + "connections made meanwhile went round the mesh. Load other rules without `flush ruleset`")
            case .failure(let error): controller.log(.error, "the capture rules of this host: \(error)")
            }
        }
    }

    private static func look(_ served: Served, _ lookup: TargetLookup) -> Finding {
        do throws(EnrolmentError) {
            let now = try lookup.facts(served.record, previous: served.facts)
            guard now.namespaceIdentity == served.facts.namespaceIdentity else {
                return .gone("\(served.record.target.description) is in another network namespace now")
            }
            return .same(now)
        } catch {
            return .gone(error.code == .unknown ? error.problem : error.description)
        }
    }

    private func apply(_ finding: Finding, to uid: String) {
        guard let entry = entries[uid], case .serving(let before) = entry.phase else { return }
        switch finding {
        case .same(let now):
            if case .host(let facts) = now { follow(uid, facts) }
            entries[uid]?.phase = .serving(now)
            entries[uid]?.addresses = now.addresses
            if now.addresses != entry.addresses {
                log(
                    .info,
                    "workload \(uid) has the addresses \(now.addresses.map(\.description).joined(separator: ", ")) now")
            }
            if now.note != before.note { log(.info, "workload \(uid): \(now.note ?? "it runs now")") }
            guard
                now.addresses != entry.addresses || now.listeningPorts != before.listeningPorts
                    || now.note != before.note
            else { return }
            onChange()
        case .gone(let reason):
            // Its listeners kept a namespace alive; they are closed, and the name is looked up again from now on.
            log(.warn, "workload \(uid) is not served any more: \(reason)")
            lastProblems[uid] = reason
            entries[uid]?.phase = .busy
            stopped &+= 1
            setup.names?.remove(uid)
            let home = LoopBound(self)
            setup.dataPath.remove(uid, mode: .immediate) { [loop] in
                loop.submitAlways {
                    home.value.entries[uid]?.phase = .waiting(reason)
                    home.value.onChange()
                }
            }
        }
    }

    /// Brings rules and data path to what the workload of the host is now.
    func follow(_ uid: String, _ facts: HostFacts) {
        guard let record = entries[uid]?.record else { return }
        do throws(EnrolmentError) {
            let place = try hostPlace(record, facts)
            let setup = setup
            onNamespaceThread({ () throws(EnrolmentError) in try setup.follow(uid, place, facts) }) {
                controller, result in
                if case .failure(let error) = result { controller.report(uid, error) }
            }
        } catch {
            report(uid, error)
        }
    }

    private func report(_ uid: String, _ error: EnrolmentError) {
        if lastProblems[uid] != error.description { log(.warn, "workload \(uid): \(error)") }
        lastProblems[uid] = error.description
    }
}
