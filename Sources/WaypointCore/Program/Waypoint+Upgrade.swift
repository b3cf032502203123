import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// Taking over from the generation before, and handing over to the next (docs/design/upgrade.md).
extension Waypoint {
    /// How often is looked whether everything is readied.
    private static let readyInterval: Duration = .milliseconds(10)
    /// How often is tried to get the state back after an upgrade that failed.
    private static let ownInterval: Duration = .seconds(1)
    /// What generations call the one thing that a waypoint serves.
    private var uid: String { "\(configuration.namespace)/\(configuration.name)" }

    // MARK: taking over

    /// Readies what `predecessor` serves, and tells it.
    func prepare(_ predecessor: Predecessor) throws {
        guard let socket = predecessor.channel.take() else { return }
        predecessorChannel = try UpgradeChannel(
            loop: loop, socket, onMessage: { [weak self] message, _ in self?.heard(message, predecessor) },
            onEnd: { [weak self] reason in self?.giveUp(reason) })
        guard predecessor.workloads.allSatisfy({ $0.uid == uid }) else {
            return giveUp(
                "the running waypoint is \(predecessor.workloads.map(\.uid).joined(separator: ", ")), not \(uid)")
        }
        guard !predecessor.inheritance.hasSnapshot || resources.isComplete else {
            return giveUp("the state of the mesh, which the running waypoint has, cannot be read from the disk")
        }
        lookWhetherReady(predecessor)
    }

    private func lookWhetherReady(_ predecessor: Predecessor) {
        guard let predecessorChannel else { return }
        guard hasCertificate || !predecessor.workloads.contains(where: \.hasCertificate) else {
            waitsFor = "the certificate of \(identity.uri)"
            loop.schedule(after: Self.readyInterval) { [weak self] in self?.lookWhetherReady(predecessor) }
            return
        }
        predecessorChannel.send(.ready)
    }

    private var hasCertificate: Bool { store.status(of: identity)?.isUsable ?? false }

    private func heard(_ message: UpgradeMessage, _ predecessor: Predecessor) {
        switch message {
        case .yours:
            do {
                try takeOver(predecessor)
            } catch {
                giveUp("\(error)")
            }
        case .refused(let reason): giveUp(waitsFor.map { "\(reason); it waited for \($0)" } ?? reason)
        default: giveUp("the running waypoint sent a message out of turn")
        }
    }

    private func takeOver(_ predecessor: Predecessor) throws {
        try ownState()
        waitsFor = nil
        try serve(on: try listen())
        for channel in predecessor.generations { upgrades.listen(to: channel) }
        // The predecessor itself drains from here on.
        if let channel = predecessorChannel?.duplicate() { upgrades.listen(to: channel) }
        predecessorChannel?.send(.serving)
        predecessorChannel?.close()
        predecessorChannel = nil
        DetachedProcess.endAfter(nil)
        NodeLog(logger, "upgrade")(
            .info,
            "took over \(sockets.counters.adopted) listening sockets; \(upgrades.generations.count) generations drain")
        onServing?(nil)
    }

    /// The upgrade has failed: this process ends, the old one goes on.
    private func giveUp(_ reason: String) {
        guard predecessorChannel != nil else { return }
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

    // MARK: handing over

    func makeUpgrades() -> UpgradeHost {
        UpgradeHost(
            loop: loop, program: "waypoint",
            settings: .init(
                stateDirectory: configuration.stateDirectory, timeout: configuration.upgradeTimeout,
                generationLimit: configuration.upgradeGenerations),
            sockets: sockets, service: service, log: NodeLog(logger, "upgrade"),
            duties: UpgradeHost.Duties(
                isEnding: { [unowned self] in isDraining },
                inventory: { [unowned self] in inventory() },
                giveUpState: { [unowned self] in
                    resources.isOwner = false
                    renewal.isOwner = false
                    stateLock = nil
                },
                retire: { [unowned self] in retire($0) },
                resume: { [unowned self] _ in
                    ownStateAgain()
                    // Shown again by the next look.
                    told.status = ""
                }))
    }

    private func inventory() -> [UpgradeMessage] {
        resources.save()
        let inheritance = UpgradeInheritance(
            hasSnapshot: resources.isComplete, watchdogMicroseconds: watchdogMicroseconds, captureRules: "")
        return [.workload(uid: uid, hasCertificate: hasCertificate), .complete(inheritance)]
    }

    /// The one that failed holds the state until it has ended, which the kernel sees to.
    private func ownStateAgain() {
        do throws(StartFailure) {
            try ownState()
        } catch {
            NodeLog(logger, "upgrade")(.warn, "\(error); this is tried again")
            loop.schedule(after: Self.ownInterval) { [weak self] in
                guard let self, !upgrades.isUpgrading, !isDraining else { return }
                ownStateAgain()
            }
        }
    }

    /// The new generation serves: no more connections here. What is open goes on, with the configuration as it becomes.
    private func retire(_ channel: UpgradeChannel) {
        isDraining = true
        successor = channel
        let deadline = configuration.upgradeDrainDeadline
        NodeLog(logger, "upgrade")(
            .info, "the new waypoint serves; open requests have \(DurationText.text(deadline)) to finish")
        readinessPage?.stopListening()
        metricsPage?.stopListening()
        watchdog = nil
        registration?.stop()
        drain(deadline: deadline)
    }
}
