import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry

/// How the program begins and ends.
extension Ztunnel {
    /// Publishes what is known, opens pages and workloads, connects.
    func start() throws {
        let log = NodeLog(logger, "app")
        for warning in configuration.warnings { log(.warn, warning) }
        log(.info, "ztunnel \(Self.version) starts, \(dataPlane.workerCount) workers")
        if let limit = try? DescriptorLimit.raise() { log(.debug, "up to \(limit.soft) file descriptors") }
        let isRestored = discovery != nil && resources.restore()
        if let path = configuration.localStatePath { try resources.load(localState: path) }
        if discovery == nil || isRestored { readiness.done(.stateManager) }
        let home = LoopBound(renewal)
        store.onUrgent { [loop] identity in
            // A full queue: the connection runs into its own time limit.
            _ = loop.submit { home.value.hurry(identity) }
        }
        enrolments.onChange = { [weak self] in self?.enrolmentsChanged() }
        discovery?.onConnected = { [weak self] in self?.reporter?.report() }
        discovery?.onSynchronised = { [weak self] in self?.readiness.done(.stateManager) }
        try openPages()
        signals = try TerminationSignals(loop: loop) { [weak self] number in self?.interrupted(number) }
        if let dedicated {
            renewal.host(dedicated.workload.identity)
            try dedicated.start(dataPlane, names, configuration)
            readiness.done(.workloadManager)
            returnMemorySoon()
        } else {
            enrolments.restore()
            enrolmentsChanged()
        }
        readiness.done(.proxy)
        readiness.done(.dnsProxy)
        discovery?.start()
        if discovery != nil, reporter == nil {
            log(.warn, "NODE_NAME is not set: the control plane is not told of the workloads that are enrolled here")
        }
        ServiceNotification.send("READY=1", to: notifySocket)
    }

    private func enrolmentsChanged() {
        reporter?.report()
        if enrolments.counters.pending == 0 {
            readiness.done(.workloadManager)
        } else {
            readiness.reopen(.workloadManager)
        }
        returnMemorySoon()
    }

    /// Start and enrolment (certificates, nftables) use memory and code that carrying traffic does not.
    private func returnMemorySoon() {
        if let memoryReturn { loop.cancel(memoryReturn) }
        memoryReturn = loop.schedule(after: RuntimeLimits.memoryReturn) { [weak self] in
            self?.memoryReturn = nil
            Memory.returnAfterStart()
        }
    }

    private func interrupted(_ number: CInt) {
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
        ServiceNotification.send("STOPPING=1", to: notifySocket)
        enrolments.stop()
        discovery?.stop()
        reporter?.stop()
        let home = LoopBound(self)
        dataPlane.drain(.graceful(deadline: deadline)) { [loop] in
            loop.submitAlways { home.value.end() }
        }
    }

    private func end() {
        resources.save()
        for server in servers { server.close() }
        servers = []
        if dedicated == nil { ListeningPages.remove(path: controlSocket) }
        NodeLog(logger, "app")(.info, "ended")
        loop.stop()
    }

    /// Where the control socket is.
    var controlSocket: String { configuration.runDirectory + "/ztunnel.sock" }
}
