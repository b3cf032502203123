import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry

/// Looking after what is enrolled: namespaces come, go, and change their addresses.
extension EnrolmentController {
    /// What became of a namespace since it was entered.
    private enum Finding: Sendable {
        /// It is the same one; its addresses may have changed.
        case same(NamespaceFacts)
        /// The name leads to another one, or nowhere.
        case gone(String)
    }

    /// Looks again after `checkInterval`, for as long as the node runs.
    func scheduleCheck() {
        _ = loop.schedule(after: Self.checkInterval) { [weak self] in
            guard let self, orders != .ended else { return }
            if orders == .taken { check() }
            scheduleCheck()
        }
    }

    private func check() {
        var served: [(uid: String, target: NamespaceTarget, identity: NetworkNamespace.Identity)] = []
        for (uid, entry) in entries {
            switch entry.phase {
            case .busy: continue
            case .waiting:
                entries[uid]?.phase = .busy
                start(uid, isKnown: true) { _ in }
            case .serving(let facts): served.append((uid, entry.record.target, facts.namespace.identity))
            }
        }
        guard !served.isEmpty else { return }
        let asked = served
        onNamespaceThread({ () throws(EnrolmentError) in
            asked.map { uid, target, identity -> (String, Finding) in
                do throws(EnrolmentError) {
                    let facts = try NamespaceFacts.read(target)
                    guard facts.namespace.identity == identity else {
                        return (uid, .gone("\(target.text) is another network namespace now"))
                    }
                    return (uid, .same(facts))
                } catch {
                    return (uid, error.code == .unknown ? .gone(error.problem) : .gone(error.description))
                }
            }
        }) { controller, result in
            guard case .success(let findings) = result else { return }
            for (uid, finding) in findings { controller.apply(finding, to: uid) }
        }
    }

    private func apply(_ finding: Finding, to uid: String) {
        guard let entry = entries[uid], case .serving = entry.phase else { return }
        switch finding {
        case .same(let now):
            guard now.addresses != entry.addresses else { return }
            entries[uid]?.addresses = now.addresses
            log(
                .info,
                "workload \(uid) has the addresses \(now.addresses.map(\.description).joined(separator: ", ")) now")
            onChange()
        case .gone(let reason):
            // Its listeners kept the old namespace alive; they are closed, and the name is looked up again from now on.
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
}
