import LinuxSystem
import MeshTelemetry
import NodeCore

/// What an upgrade asks of the enrolments.
extension EnrolmentController {
    /// Whether nothing is being done to any workload.
    package var isSettled: Bool {
        !entries.values.contains { if case .busy = $0.phase { true } else { false } }
            && !leavers.values.contains { if case .removing = $0.phase { true } else { false } }
    }

    /// Whether every workload that is not served has left the host: what was theirs is needed no more.
    var areAbsentOnesGone: Bool {
        entries.allSatisfy { uid, entry in
            if case .serving = entry.phase { true } else { lastCodes[uid] == .unknown }
        }
    }

    /// Takes no orders and begins nothing until `unfreeze`.
    func freeze() {
        if orders == .taken { orders = .frozen }
    }

    /// Takes orders again. From here on rules are loaded where workloads are begun to be served.
    func unfreeze() {
        if orders == .frozen { orders = .taken }
        setup.loadsKnownRules = true
        onNamespaceThread({ [setup] () throws(EnrolmentError) in try setup.captured.takeOver() }) {
            controller, result in
            guard case .failure(let error) = result else { return }
            controller.log(.error, "the capture rules of this host stay those of the process before: \(error)")
        }
        finishLeavers()
    }

    /// How far a workload is that another process serves.
    func progress(_ uid: String) -> TakeoverReadiness.Progress {
        guard let entry = entries[uid] else { return .failed("its enrolment is not on the disk") }
        switch entry.phase {
        case .busy: return .underWay
        case .serving: return .readied
        case .waiting(let reason): return lastCodes[uid] == .unknown ? .gone : .failed(reason)
        }
    }

    /// Loads the rules of this program for all that is served: those in force are of another one.
    func recapture() {
        for (uid, entry) in entries {
            // Those of the host are loaded with the hand-over itself.
            guard case .serving(.namespace(let facts, let target)) = entry.phase else { continue }
            onNamespaceThread({ [setup] () throws(EnrolmentError) in try setup.capture(facts, target) }) {
                controller, result in
                guard case .failure(let error) = result else { return }
                controller.log(.error, "workload \(uid) keeps the capture rules of the version before: \(error)")
            }
        }
    }
}
