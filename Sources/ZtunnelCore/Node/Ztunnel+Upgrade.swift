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
        let path = Self.upgradeSocket(configuration)
        do throws(Errno) {
            let socket = try pages.unix("upgrade", path: path, .sequencedPackets)
            upgradeWatch = try DescriptorWatch(loop: loop, socket) { [weak self] _ in self?.acceptUpgrade() }
        } catch {
            throw StartFailure("the upgrade socket \(path) cannot be opened: \(error); set AMBIT_RUN_DIR")
        }
    }

    private func acceptUpgrade() {
        guard let raw = upgradeWatch?.raw else { return }
        do throws(Errno) {
            guard let socket = try UnixSocket.accept(raw) else { return }
            let offer = try UpgradeOffer(
                loop: loop, socket, timeout: configuration.upgradeTimeout, duties: duties())
            // A second one while the first is under way is refused by `refusal`, and ends by itself.
            offers.removeAll { $0.isOver }
            guard offers.count < Self.offerLimit else { return offer.fail("another upgrade is under way") }
            offers.append(offer)
        } catch {
            NodeLog(logger, "upgrade")(.warn, "a process that wants to take over cannot be answered: \(error)")
        }
    }

    private func duties() -> UpgradeOffer.Duties {
        UpgradeOffer.Duties(
            refusal: { [unowned self] in refusal($0, $1) },
            settle: { [unowned self] in
                enrolments.freeze()
                return enrolments.isSettled
            },
            inventory: { [unowned self] () throws(Errno) in try inventory() },
            giveUpState: { [unowned self] in
                resources.save()
                resources.isOwner = false
                renewal.isOwner = false
                stateLock = nil
            },
            retire: { [unowned self] in retire($0) },
            resume: { [unowned self] in resume($0) })
    }

    private func refusal(_ hello: UpgradeHello, _ peer: UnixSocket.Credentials) -> String? {
        var admission = UpgradeAdmission(
            stateDirectory: configuration.stateDirectory, generationLimit: configuration.upgradeGenerations,
            ownUser: geteuid(), peerUser: peer.user)
        admission.isEnding = isDraining
        admission.isUpgrading = isUpgrading
        admission.draining = generations.count
        if service != nil {
            admission.ownGroup = ControlGroup.of("self")
            admission.peerGroup = ControlGroup.of(String(peer.process))
        }
        let refusal = admission.refusal(of: hello)
        if let refusal {
            NodeLog(logger, "upgrade")(
                .warn, "ztunnel \(hello.version) (process \(peer.process)) may not take over: \(refusal)")
        } else {
            isUpgrading = true
            service?.status("handing over to ztunnel \(hello.version)")
            NodeLog(logger, "upgrade")(
                .info, "ztunnel \(hello.version) (process \(peer.process)) prepares to take over")
        }
        return refusal
    }

    private func inventory() throws(Errno) -> [(message: UpgradeMessage, socket: SocketHandover?)] {
        resources.save()
        var inventory: [(message: UpgradeMessage, socket: SocketHandover?)] = []
        for (name, socket) in try sockets.handOver() { inventory.append((.socket(name), socket)) }
        for generation in generations {
            if let channel = generation.duplicate() { inventory.append((.generation, channel)) }
        }
        for status in enrolments.statuses where status.problem == nil {
            let isUsable = store.status(of: status.record.identity(trustDomain: configuration.trustDomain))?.isUsable
            inventory.append((.workload(uid: status.record.uid, hasCertificate: isUsable ?? false), nil))
        }
        let inheritance = UpgradeInheritance(
            hasSnapshot: discovery != nil && resources.isComplete, watchdogMicroseconds: watchdogMicroseconds,
            captureRules: CaptureRules.fingerprint(configuration))
        inventory.append((.complete(inheritance), nil))
        return inventory
    }

    /// The new generation could not take over.
    private func resume(_ reason: String) {
        offers.removeAll { $0.isOver }
        guard isUpgrading else { return }
        isUpgrading = false
        NodeLog(logger, "upgrade")(.error, "the upgrade has failed, this ztunnel goes on: \(reason)")
        ownStateAgain()
        enrolments.unfreeze()
        lastStatus = ""
        showStatus()
    }

    /// The one that failed holds the state until it has ended, which the kernel sees to.
    private func ownStateAgain() {
        do throws(StartFailure) {
            try ownState()
        } catch {
            NodeLog(logger, "upgrade")(.warn, "\(error); this is tried again")
            loop.schedule(after: Self.reportInterval) { [weak self] in
                guard let self, !isUpgrading, !isDraining else { return }
                ownStateAgain()
            }
        }
    }

    /// The new generation serves: no more connections here. What is established goes on.
    private func retire(_ channel: UpgradeChannel) {
        isUpgrading = false
        isDraining = true
        successor = channel
        let deadline = configuration.upgradeDrainDeadline
        NodeLog(logger, "upgrade")(
            .info, "the new ztunnel serves; open connections have \(DurationText.text(deadline)) to finish")
        upgradeWatch?.close()
        upgradeWatch = nil
        for server in servers { server.stopListening() }
        watchdog = nil
        sockets.abandon()
        enrolments.stop()
        zds?.stop()
        health.ask([:])
        discovery?.stop()
        reporter?.stop()
        nodeCertificate?.stop()
        for generation in generations { generation.forget() }
        generations = []
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

    /// One upgrade at a time; a few more may be on their way to being refused.
    private static let offerLimit = 8
}
