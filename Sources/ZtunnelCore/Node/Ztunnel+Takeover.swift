import Glibc
import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// Taking over from the generation before (docs/design/upgrade.md).
extension Ztunnel {
    /// How often is looked whether everything is readied.
    private static let readyInterval: Duration = .milliseconds(10)

    /// Readies everything that `predecessor` serves, on its sockets, and tells it.
    func prepare(_ predecessor: Predecessor) throws {
        guard let socket = predecessor.channel.take() else { return }
        predecessorChannel = try UpgradeChannel(
            loop: loop, socket, onMessage: { [weak self] message, _ in self?.heard(message, predecessor) },
            onEnd: { [weak self] reason in self?.giveUp(reason) })
        enrolments.restore()
        lookWhetherReady(predecessor)
    }

    private func lookWhetherReady(_ predecessor: Predecessor) {
        guard predecessorChannel != nil else { return }
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
        switch readiness.verdict {
        case .ready: predecessorChannel?.send(.ready)
        case .fail(let reason): giveUp(reason)
        case .wait(let missing):
            waitsFor = missing
            loop.schedule(after: Self.readyInterval) { [weak self] in self?.lookWhetherReady(predecessor) }
        }
    }

    private func heard(_ message: UpgradeMessage, _ predecessor: Predecessor) {
        switch message {
        case .yours:
            do {
                try takeOver(predecessor)
            } catch {
                giveUp("\(error)")
            }
        case .refused(let reason): giveUp(waitsFor.map { "\(reason); it waited for \($0)" } ?? reason)
        default: giveUp("the running process sent a message out of turn")
        }
    }

    private func takeOver(_ predecessor: Predecessor) throws {
        try ownState()
        try openPages()
        try awaitUpgrade()
        waitsFor = nil
        dataPlane.accept()
        names?.accept()
        var inherited = predecessor.generations
        // The predecessor itself drains from here on.
        if let channel = predecessorChannel?.duplicate() { inherited.append(channel) }
        predecessorChannel?.send(.serving)
        predecessorChannel?.close()
        predecessorChannel = nil
        for channel in inherited { upgrades.listen(to: channel) }
        isServing = true
        DetachedProcess.endAfter(nil)
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
        NodeLog(logger, "upgrade")(
            .info,
            "took over \(sockets.counters.adopted) listening sockets; \(upgrades.generations.count) generations drain")
        enrolmentsChanged()
        onServing?(nil)
    }

    /// The upgrade has failed: this process ends, the old one goes on.
    private func giveUp(_ reason: String) {
        guard predecessorChannel != nil || !isServing else { return }
        // The old one takes the state back as soon as it hears of this.
        stateLock = nil
        predecessorChannel?.send(.refused(reason))
        predecessorChannel?.close()
        predecessorChannel = nil
        NodeLog(logger, "upgrade")(.error, "does not take over: \(reason)")
        failure = StartFailure(reason)
        onServing?(reason)
        sockets.abandon()
        loop.stop()
    }

    /// Becomes the one process that writes the node's state. Throws where another one is.
    func ownState() throws(StartFailure) {
        let path = configuration.stateDirectory + "/ztunnel.lock"
        do throws(Errno) {
            stateLock = try FileLock(path)
        } catch .wouldBlock {
            throw StartFailure(
                "another ztunnel uses the state directory \(configuration.stateDirectory) (it holds \(path)): stop it, use "
                    + "`ztunnel reload` to replace it, or set AMBIT_STATE_DIR")
        } catch {
            throw StartFailure("the state directory \(configuration.stateDirectory) cannot be locked: \(error)")
        }
        resources.isOwner = true
        renewal.isOwner = true
    }
}
