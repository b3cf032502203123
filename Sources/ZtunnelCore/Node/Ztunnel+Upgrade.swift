import Glibc
import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// Handing over to the next generation (docs/design/upgrade.md).
extension Ztunnel {
    /// How long DNS questions that were taken may take to be answered.
    static let nameDrainDeadline: Duration = .seconds(10)
    /// How often a draining generation says what it still carries.
    static let reportInterval: Duration = .seconds(1)

    /// Where the next generation asks for the listening sockets.
    static func upgradeSocket(_ configuration: NodeConfiguration) -> String {
        configuration.runDirectory + "/upgrade.sock"
    }

    /// Waits for the next generation.
    func awaitUpgrade() throws {
        try upgrades.open(Self.upgradeSocket(configuration), &pages)
    }

    func makeUpgrades() -> UpgradeHost {
        let host = UpgradeHost(
            loop: loop, program: "ztunnel",
            settings: .init(
                stateDirectory: configuration.stateDirectory, timeout: configuration.upgradeTimeout,
                generationLimit: configuration.upgradeGenerations),
            sockets: sockets, service: service, log: NodeLog(logger, "upgrade"),
            duties: UpgradeHost.Duties(
                isEnding: { [unowned self] in isDraining },
                settle: { [unowned self] in
                    enrolments.freeze()
                    return enrolments.isSettled
                },
                inventory: { [unowned self] in inventory() },
                giveUpState: { [unowned self] in
                    resources.save()
                    ownership.giveUp()
                },
                retire: { [unowned self] in retire($0) },
                resume: { [unowned self] _ in resume() }))
        host.onGenerationEnd = { [weak self] in self?.enrolments.finishLeavers() }
        return host
    }

    func makeOwnership() -> StateOwnership {
        StateOwnership(
            loop: loop, program: "ztunnel", directory: configuration.stateDirectory, log: NodeLog(logger, "upgrade")
        ) { [resources, renewal] isOwner in
            resources.isOwner = isOwner
            renewal.isOwner = isOwner
        }
    }

    private func inventory() -> [UpgradeMessage] {
        resources.save()
        var inventory: [UpgradeMessage] = []
        for status in enrolments.statuses where status.problem == nil {
            let isUsable = store.status(of: status.record.identity(trustDomain: configuration.trustDomain))?.isUsable
            inventory.append(.workload(uid: status.record.uid, hasCertificate: isUsable ?? false))
        }
        let inheritance = UpgradeInheritance(
            hasSnapshot: discovery != nil && resources.isComplete, watchdogMicroseconds: watchdogMicroseconds,
            captureRules: CaptureRules.fingerprint(configuration))
        inventory.append(.complete(inheritance))
        return inventory
    }

    /// The new generation could not take over.
    private func resume() {
        ownership.takeAgain { [weak self] in self.map { !$0.upgrades.isUpgrading && !$0.isDraining } ?? false }
        enrolments.unfreeze()
        lastStatus = ""
        showStatus()
    }

    /// The new generation serves: no more connections here. What is established goes on.
    private func retire(_ channel: UpgradeChannel) {
        isDraining = true
        successor = channel
        let deadline = configuration.upgradeDrainDeadline
        NodeLog(logger, "upgrade")(
            .info, "the new ztunnel serves; open connections have \(DurationText.text(deadline)) to finish")
        for server in servers { server.stopListening() }
        watchdog = nil
        enrolments.stop()
        zds?.stop()
        health.ask([:])
        discovery?.stop()
        reporter?.stop()
        nodeCertificate?.stop()
        let home = LoopBound(self)
        let parts = Gathering<Void>(count: 2) { [loop] _ in
            loop.submitAlways { home.value.end() }
        }
        dataPlane.drain(.graceful(deadline: deadline)) { parts.report(()) }
        if let names {
            names.drain(deadline: Self.nameDrainDeadline) { parts.report(()) }
        } else {
            parts.report(())
        }
        reportConnections()
    }

    private func reportConnections() {
        let home = LoopBound(self)
        dataPlane.connectionCount { [loop] count in
            loop.submitAlways { home.value.successor?.send(.connections(count)) }
        }
        loop.schedule(after: Self.reportInterval) { [weak self] in self?.reportConnections() }
    }
}
