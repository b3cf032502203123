import Glibc
import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// How the program begins and ends.
extension Ztunnel {
    /// Publishes what is known, opens pages and workloads, connects.
    func start() throws {
        let log = NodeLog(logger, "app")
        for warning in configuration.warnings { log(.warn, warning) }
        log(.info, "ztunnel \(Self.version) starts, \(dataPlane.workerCount) workers")
        let isRestored = discovery != nil && resources.restore()
        if let path = configuration.localStatePath { try resources.load(localState: path) }
        if discovery == nil || isRestored { readiness.done(.stateManager) }
        let home = LoopBound(renewal)
        store.onUrgent { [loop] identity in
            // A full queue: the connection runs into its own time limit.
            _ = loop.submit { home.value.hurry(identity) }
        }
        enrolments.onChange = { [weak self] in self?.enrolmentsChanged() }
        enrolments.hasOlderGenerations = { [weak self] in self.map { !$0.upgrades.generations.isEmpty } ?? false }
        discovery?.onConnected = { [weak self] in self?.reportWorkloads() }
        discovery?.onSynchronised = { [weak self] in
            self?.readiness.done(.stateManager)
            self?.showStatus()
        }
        connectHealth()
        signals = try TerminationSignals(loop: loop) { [weak self] number in self?.interrupted(number) }
        if let predecessor { return try prepare(predecessor) }
        try ownership.take()
        try openPages()
        if let dedicated {
            renewal.host(dedicated.workload.identity)
            try dedicated.start(dataPlane, names, configuration)
            readiness.done(.workloadManager)
            returnMemorySoon()
        } else {
            try awaitUpgrade()
            enrolments.restore()
            enrolmentFolder.start()
            startAgent()
        }
        readiness.done(.proxy)
        readiness.done(.dnsProxy)
        nodeCertificate?.start()
        discovery?.start()
        if discovery != nil, reporter == nil {
            log(.warn, "NODE_NAME is not set: the control plane is not told of the workloads that are enrolled here")
        }
        startWatchdog()
        if dedicated == nil { enrolmentsChanged() } else { announce() }
    }

    /// Connects to the node agent, if there is to be one. A namespace and a name belong to one of both ways of enrolment.
    func startAgent() {
        guard let zds, let zdsWorkloads else { return }
        zdsWorkloads.conflict = { [weak enrolments] in enrolments?.owner(of: $0, orName: $1) }
        enrolments.holder = { [weak zdsWorkloads] namespace, record in
            guard let zdsWorkloads else { return nil }
            return zdsWorkloads.has(namespace: record.namespace, name: record.name)
                ? "\(record.uid) (ZDS)" : namespace.flatMap(zdsWorkloads.holder)
        }
        zdsWorkloads.onChange = { [weak self] in self?.enrolmentsChanged() }
        zds.onChange = { [weak self] in self?.enrolmentsChanged() }
        zds.start()
    }

    /// The control plane gives probes, the probes' loop asks, verdicts go into the reports.
    private func connectHealth() {
        health.onChange = { [weak self] in self?.reportWorkloads() }
        health.ask = { [probes, prober] targets in
            // A full queue: the next report asks again.
            _ = probes.loop.submit { prober.value.ask(targets) }
        }
        reporter?.onProbes = { [weak self] probes in
            guard let self else { return }
            health.take(probes)
            health.update(statuses)
        }
    }

    /// Enrolments are served, wait or are gone: tells the control plane, and systemd once the first look is over.
    func enrolmentsChanged() {
        guard isServing, !isDraining else { return }
        health.update(statuses)
        reportWorkloads()
        if enrolments.counters.pending == 0, zds?.isReady != false {
            readiness.done(.workloadManager)
        } else {
            readiness.reopen(.workloadManager)
        }
        returnMemorySoon()
        guard enrolments.isSettled else { return }
        if !isAnnounced { dataPlane.acceptForHost() }
        if !isAnnounced { announce() } else { showStatus() }
    }

    /// Tells the control plane, once every workload was looked at: the record of one that is not in a report is removed.
    private func reportWorkloads() {
        if isAnnounced { reporter?.report() }
    }

    /// The service is up: everything that can be served is.
    private func announce() {
        isAnnounced = true
        reportWorkloads()
        lastStatus = statusText
        service?.ready(process: getpid(), status: lastStatus)
        dropStaleSockets()
    }

    /// Sockets that were inherited and that no workload asked for. While one waits for what may come back, its own are kept.
    private func dropStaleSockets() {
        guard enrolments.areAbsentOnesGone, zds?.isReady != false else {
            loop.schedule(after: Self.staleDelay) { [weak self] in self?.dropUnclaimedSockets() }
            return
        }
        dropUnclaimedSockets()
    }

    private func dropUnclaimedSockets() {
        let dropped = sockets.dropUnclaimed()
        guard !dropped.isEmpty else { return }
        let names = dropped.prefix(8).map(\.description).joined(separator: ", ")
        NodeLog(logger, "app")(
            .info, "\(dropped.count) inherited sockets belong to nobody any more and are closed: \(names)")
    }

    /// What `systemctl status` shows.
    private var statusText: String {
        var text = readiness.isReady ? "serving" : readiness.text.filter { $0 != "\n" }
        let counters = enrolments.counters
        text += ", \(counters.active + (dedicated == nil ? 0 : 1)) workloads"
        if counters.pending > 0 { text += ", \(counters.pending) waiting" }
        if !upgrades.generations.isEmpty { text += ", \(upgrades.generations.count) older generations drain" }
        return text
    }

    /// Tells systemd, where it is not what was said last.
    func showStatus() {
        guard isServing, isAnnounced, !isDraining, statusText != lastStatus else { return }
        lastStatus = statusText
        service?.status(lastStatus)
    }

    /// How long inherited sockets are kept for workloads that may come back.
    private static let staleDelay: Duration = .seconds(60)

    /// Start and enrolment (certificates, nftables) use memory and code that carrying traffic does not.
    private func returnMemorySoon() {
        if let memoryReturn { loop.cancel(memoryReturn) }
        memoryReturn = loop.schedule(after: RuntimeLimits.memoryReturn) { [weak self] in
            self?.memoryReturn = nil
            Memory.returnAfterStart()
        }
    }

    /// Answers systemd's watchdog, where it wants to hear from us.
    func startWatchdog() {
        guard let service, watchdogMicroseconds > 0 else { return }
        let threads = dataPlane.loops + (names.map { [$0.loop] } ?? []) + [namespaces.loop]
        let watch = ThreadWatch(
            loop: loop, threads: threads, period: .microseconds(Int64(clamping: watchdogMicroseconds)),
            log: NodeLog(logger, "app"), alive: { service.alive() })
        watch.start()
        watchdog = watch
    }

    private func interrupted(_ number: CInt) {
        if successor != nil { return hasten() }
        // Somebody who asks twice does not want to wait.
        guard !isDraining else {
            NodeLog(logger, "app")(.warn, "told to end again: the open connections are cut")
            return end()
        }
        drain("signal \(number)")
    }

    /// Finishes what is open, then ends. Capture stays in force: traffic of enrolled workloads is refused, not sent in the clear.
    func drain(_ reason: String) {
        guard !isDraining else { return }
        isDraining = true
        let deadline = configuration.drainDeadline
        NodeLog(logger, "app")(
            .info, "ends (\(reason)): open connections have \(DurationText.text(deadline)) to finish")
        service?.stopping(status: "ending: open connections have \(DurationText.text(deadline)) to finish")
        upgrades.stop()
        watchdog = nil
        // What systemd keeps lets new connections wait for the next process; the rest is refused from here on.
        sockets.abandon()
        enrolments.stop()
        zds?.stop()
        discovery?.stop()
        reporter?.stop()
        nodeCertificate?.stop()
        let home = LoopBound(self)
        dataPlane.drain(.graceful(deadline: deadline)) { [loop] in
            loop.submitAlways { home.value.endNames() }
        }
    }

    /// The mesh DNS ends last: what is still open may ask.
    private func endNames() {
        guard let names else { return end() }
        let home = LoopBound(self)
        names.drain(deadline: configuration.drainDeadline) { [loop] in
            loop.submitAlways { home.value.end() }
        }
    }

    /// A generation that has handed over is told to end: the long deadline becomes the usual one.
    private func hasten() {
        let deadline = configuration.drainDeadline
        NodeLog(logger, "upgrade")(.info, "told to end: open connections have \(DurationText.text(deadline)) to finish")
        loop.schedule(after: deadline) { [weak self] in self?.dataPlane.cut() }
    }

    func end() {
        resources.save()
        for server in servers { server.close() }
        servers = []
        // The files are the next process's: it is there already, or systemd keeps the sockets for it.
        if dedicated == nil, service == nil, successor == nil {
            UnixFile.remove(controlSocket)
            UnixFile.remove(Self.upgradeSocket(configuration))
        }
        NodeLog(logger, "app")(.info, "ended")
        loop.stop()
    }

    /// Where the control socket is.
    var controlSocket: String { configuration.runDirectory + "/ztunnel.sock" }
}
