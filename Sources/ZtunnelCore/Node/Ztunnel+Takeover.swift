import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// Taking over from the generation before (docs/design/upgrade.md).
extension Ztunnel {
    /// Readies everything that `predecessor` serves, on its sockets, and tells it.
    func prepare(_ predecessor: Predecessor) throws {
        let takeover = Takeover(
            loop: loop, program: "ztunnel", predecessor: predecessor, sockets: sockets, upgrades: upgrades,
            log: NodeLog(logger, "upgrade"),
            duties: Takeover.Duties(
                verdict: { [unowned self] in verdict(predecessor) },
                serve: { [unowned self] in try serve() },
                served: { [unowned self] in served(predecessor) },
                giveUpState: { [unowned self] in ownership.giveUp() },
                ended: { [unowned self] failure in
                    if let failure { self.failure = StartFailure(failure) } else { enrolmentsChanged() }
                    onServing?(failure)
                }))
        self.takeover = takeover
        enrolments.restore()
        try takeover.start()
    }

    private func verdict(_ predecessor: Predecessor) -> TakeoverVerdict {
        let workloads = predecessor.workloads.map { workload -> TakeoverReadiness.Workload in
            let identity = enrolments.status(workload.uid)?.record.identity(trustDomain: configuration.trustDomain)
            let isUsable = identity.flatMap(store.status(of:))?.isUsable ?? false
            return TakeoverReadiness.Workload(
                uid: workload.uid, progress: enrolments.progress(workload.uid),
                hasCertificate: isUsable || !workload.hasCertificate)
        }
        let readiness = TakeoverReadiness(
            hasSnapshot: discovery == nil || !predecessor.inheritance.hasSnapshot || resources.isComplete,
            workloads: workloads)
        return readiness.verdict
    }

    private func serve() throws {
        try ownership.take()
        try openPages()
        try awaitUpgrade()
        dataPlane.accept()
        names?.accept()
    }

    private func served(_ predecessor: Predecessor) {
        isServing = true
        if predecessor.inheritance.captureRules != CaptureRules.fingerprint(configuration) { enrolments.recapture() }
        health.reload()
        enrolments.unfreeze()
        enrolmentFolder.start()
        startAgent()
        readiness.done(.proxy)
        readiness.done(.dnsProxy)
        // The node agent has yet to name the workloads whose sockets these may be.
        if zds == nil { sockets.dropUnclaimed() }
        discovery?.start()
        startWatchdog()
    }
}
