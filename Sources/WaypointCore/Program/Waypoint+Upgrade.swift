import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// Taking over from the generation before, and handing over to the next (docs/design/upgrade.md).
extension Waypoint {
    /// What generations call the one thing that a waypoint serves.
    private var uid: String { "\(configuration.namespace)/\(configuration.name)" }

    // MARK: taking over

    /// Readies what `predecessor` serves, and tells it.
    func prepare(_ predecessor: Predecessor) throws {
        let takeover = Takeover(
            loop: loop, program: "waypoint", predecessor: predecessor, sockets: sockets, upgrades: upgrades,
            log: NodeLog(logger, "upgrade"),
            duties: Takeover.Duties(
                verdict: { [unowned self] in verdict(predecessor) },
                serve: { [unowned self] in
                    try ownership.take()
                    try serve(on: try listen())
                },
                giveUpState: { [unowned self] in ownership.giveUp() },
                ended: { [unowned self] failure in
                    if let failure { self.failure = StartFailure(failure) }
                    onServing?(failure)
                }))
        self.takeover = takeover
        try takeover.start()
    }

    private func verdict(_ predecessor: Predecessor) -> TakeoverVerdict {
        guard predecessor.workloads.allSatisfy({ $0.uid == uid }) else {
            return .fail(
                "the running waypoint is \(predecessor.workloads.map(\.uid).joined(separator: ", ")), not \(uid)")
        }
        guard !predecessor.inheritance.hasSnapshot || resources.isComplete else {
            return .fail("the state of the mesh, which the running waypoint has, cannot be read from the disk")
        }
        guard hasCertificate || !predecessor.workloads.contains(where: \.hasCertificate) else {
            return .wait("the certificate of \(identity.uri)")
        }
        return .ready
    }

    private var hasCertificate: Bool { store.status(of: identity)?.isUsable ?? false }

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
                giveUpState: { [unowned self] in ownership.giveUp() },
                retire: { [unowned self] in retire($0) },
                resume: { [unowned self] _ in
                    ownership.takeAgain { [weak self] in
                        self.map { !$0.upgrades.isUpgrading && !$0.isDraining } ?? false
                    }
                    // Shown again by the next look.
                    told.status = ""
                }))
    }

    func makeOwnership() -> StateOwnership {
        StateOwnership(
            loop: loop, program: "waypoint", directory: configuration.stateDirectory, log: NodeLog(logger, "upgrade")
        ) { [resources, renewal] isOwner in
            resources.isOwner = isOwner
            renewal.isOwner = isOwner
        }
    }

    private func inventory() -> [UpgradeMessage] {
        resources.save()
        let inheritance = UpgradeInheritance(
            hasSnapshot: resources.isComplete, watchdogMicroseconds: watchdogMicroseconds, captureRules: "")
        return [.workload(uid: uid, hasCertificate: hasCertificate), .complete(inheritance)]
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
