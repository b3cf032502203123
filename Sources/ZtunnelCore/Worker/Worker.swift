import HTTPWire
package import LinuxSystem
package import MeshModel
import MeshPolicy
package import MeshRuntime
package import MeshTelemetry
package import NodeCore
package import TLSEngine

/// One data-plane worker: an event loop with the workloads, tunnels, connections and counters that live on it.
///
/// Nothing in it is shared but the immutable snapshot. Confined to its loop; other threads reach it with `loop.submit`.
package final class Worker {
    /// Its event loop.
    package let loop: EventLoop
    /// Settings.
    package let configuration: DataPlaneConfiguration
    /// Where lines go.
    package let log: WorkerLog
    /// Its counters.
    package let telemetry: WorkerTelemetry
    /// Random numbers of its decisions.
    package var random: WorkerRandom
    /// The snapshot that decisions are made on.
    package private(set) var snapshot: MeshSnapshot
    /// Which publication `snapshot` is.
    package private(set) var snapshotVersion: UInt64
    /// Certificates that are not accepted.
    package private(set) var revoked: RevokedCertificates
    /// Handshakes that have begun and not ended.
    package var handshakes: Int { handshakePlaces.count }
    /// Inbound tunnels of all workloads whose handshake is done.
    package var inboundTunnels = 0

    private let state: NodeState
    /// Whether workloads are served as they are added; else their listeners wait for `accept`.
    private(set) var isAccepting: Bool
    /// Listeners that wait for `accept`.
    var waitingListeners: [Listener] = []
    /// Whether the listeners that the workloads of the host share wait for `acceptForHost`.
    private(set) var holdsHost: Bool
    /// Those that do.
    var heldListeners: [Listener] = []
    private var servers: [String: WorkloadServer] = [:]
    private var stopping: [ObjectIdentifier: WorkloadServer] = [:]
    /// Told, after a drain, that nothing is left.
    private var onEmpty: (() -> Void)?
    private var host: HostInbound?
    private var table = ConnectionTable()
    private var ejections: EndpointEjections
    private var contexts: [ContextKey: TLSContext] = [:]
    private var contextGeneration: UInt64 = 0
    private var fetching: Set<SPIFFEIdentity> = []
    private var review: PolicyReview?
    private var lastDescriptorWarning: MonotonicTime?
    private var handshakePlaces: HandshakePlaces
    private let memory: HeldMemory

    /// How often the same shortage is logged.
    private static let warningInterval: Duration = .seconds(10)

    private struct ContextKey: Hashable {
        let identity: SPIFFEIdentity
        let role: TLSRole
    }

    /// A worker on `loop` that begins with the node's present snapshot.
    package init(
        loop: EventLoop, configuration: DataPlaneConfiguration, state: NodeState, log: WorkerLog, seed: UInt64,
        isAccepting: Bool = true, holdsHost: Bool = false
    ) {
        self.isAccepting = isAccepting
        self.holdsHost = holdsHost
        self.loop = loop
        self.configuration = configuration
        self.state = state
        self.log = log
        self.random = WorkerRandom(seed: seed)
        self.telemetry = WorkerTelemetry { [unowned loop] in Int64(clamping: loop.now.nanoseconds / 1_000_000_000) }
        self.snapshotVersion = state.version
        self.snapshot = state.snapshot
        self.revoked = state.revoked
        handshakePlaces = HandshakePlaces(limit: configuration.limits.handshakes)
        memory = HeldMemory(limit: configuration.limits.heldBytes)
        loop.memory = memory
        self.ejections = EndpointEjections(
            capacity: configuration.limits.ejectedEndpoints, duration: configuration.timeouts.ejection)
    }

    /// Bounds.
    package var limits: DataPlaneLimits { configuration.limits }

    // MARK: Workloads

    /// Begins to accept on all listeners that wait for it.
    package func accept() {
        isAccepting = true
        for listener in waitingListeners { listener.start() }
        waitingListeners = []
    }

    /// All workloads of the host are there that there are going to be: whoever is meant is known from here on.
    package func acceptForHost() {
        holdsHost = false
        if isAccepting {
            for listener in heldListeners { listener.start() }
        } else {
            waitingListeners += heldListeners
        }
        heldListeners = []
    }

    /// Cuts what workloads that are being stopped have left.
    package func cut() {
        for server in stopping.values { server.cut() }
    }

    /// Live connections.
    package var connectionCount: Int { table.count }

    /// Starts serving a workload on sockets that were opened for this worker. `host`: for a workload of the host, all of those
    /// there are now, with the sockets that they share if this is the first.
    package func add(_ workload: LocalWorkload, _ sockets: ListeningSockets, host change: HostChange?) {
        let server = WorkloadServer(workload: workload, worker: self)
        servers[workload.uid] = server
        if let change {
            if let sockets = change.sockets {
                host?.close()
                host = HostInbound(worker: self, workloads: change.workloads, sockets: sockets)
            }
            host?.insert(server, change.workloads)
        }
        server.listen(sockets, isTransparent: sockets.inbound?.isTransparent ?? host?.isTransparent ?? false)
    }

    /// Gives a workload of the host another place that differs in its ports only.
    package func update(_ workload: LocalWorkload, host workloads: HostWorkloads) {
        guard let server = servers[workload.uid] else { return }
        server.update(workload)
        host?.insert(server, workloads)
    }

    /// Stops serving a workload; `completion` is called when nothing of it is left. `host`: those that stay on the host.
    package func remove(
        _ uid: String, host workloads: HostWorkloads, mode: StopMode, completion: @escaping () -> Void
    ) {
        guard let server = servers.removeValue(forKey: uid) else { return completion() }
        if server.workload.place.host != nil, host?.remove(server, workloads) == true { host = nil }
        stop(server, mode, completion)
    }

    /// Stops every workload; `completion` is called when nothing is left of these, nor of those that were removed before.
    package func drain(_ mode: StopMode, completion: @escaping () -> Void) {
        host?.close()
        let all = Array(servers.values)
        servers.removeAll()
        switch mode {
        case .immediate: cut()
        case .graceful(let deadline): loop.schedule(after: deadline) { [weak self] in self?.cut() }
        }
        onEmpty = completion
        for server in all { stop(server, mode) {} }
        reportIfEmpty()
    }

    private func reportIfEmpty() {
        guard stopping.isEmpty, let onEmpty else { return }
        self.onEmpty = nil
        onEmpty()
    }

    /// The workloads of which a tunnel that `holder` holds may mean any: those of the same identity on the host, else itself.
    package func servers(sharing holder: WorkloadServer) -> [WorkloadServer] {
        guard holder.workload.place.host != nil, let host else { return [holder] }
        let sharing = host.servers(of: holder.workload.identity)
        return sharing.isEmpty ? [holder] : sharing
    }

    private func stop(_ server: WorkloadServer, _ mode: StopMode, _ completion: @escaping () -> Void) {
        stopping[ObjectIdentifier(server)] = server
        server.stop(mode) { [self] in
            // Called from within the server's own methods: let them return first.
            loop.schedule(after: .zero) { [self] in
                stopping.removeValue(forKey: ObjectIdentifier(server))
                completion()
                reportIfEmpty()
            }
        }
    }

    // MARK: Snapshot and certificates

    /// Takes the newest snapshot if it is another one, and has live connections reviewed against it.
    package func refreshSnapshot() {
        let version = state.version
        guard version != snapshotVersion else { return }
        snapshotVersion = version
        snapshot = state.snapshot
        telemetry.forgetLabels()
        let revoked = state.revoked
        if revoked != self.revoked {
            self.revoked = revoked
            // Not within whatever asked: it may be in the middle of using a tunnel.
            loop.schedule(after: .zero) { [self] in cutRevoked(Array(servers.values) + Array(stopping.values)) }
        }
        let isUnderWay = review != nil
        review = PolicyReview(slotCount: table.slotCount)
        guard !isUnderWay else { return }
        loop.schedule(after: .zero) { [self] in continueReview() }
    }

    /// The node has published: refresh, and let those look again who wait for a record.
    package func snapshotPublished() {
        refreshSnapshot()
        for server in servers.values { server.room.wake() }
    }

    /// The TLS context of an identity, remembered until any certificate changes.
    package func context(for identity: SPIFFEIdentity, role: TLSRole) -> CertificateLookup {
        let generation = state.certificates.generation
        if generation != contextGeneration {
            contexts.removeAll(keepingCapacity: true)
            contextGeneration = generation
        }
        let key = ContextKey(identity: identity, role: role)
        if let context = contexts[key] { return .ready(context) }
        let lookup = state.certificates.context(for: identity, role: role)
        if case .ready(let context) = lookup { contexts[key] = context }
        return lookup
    }

    /// Asks for a certificate unless that is under way; wakes the waiting rooms of its workloads when the answer is there.
    package func fetchCertificate(_ identity: SPIFFEIdentity) {
        guard fetching.insert(identity).inserted else { return }
        let worker = LoopBound(self)
        let loop = self.loop
        state.certificates.fetch(identity) { _ in
            _ = loop.submit { worker.value.certificateFetched(identity) }
        }
    }

    private func certificateFetched(_ identity: SPIFFEIdentity) {
        fetching.remove(identity)
        for server in servers.values where server.workload.identity == identity { server.room.wake() }
    }

    // MARK: Bounds

    /// Whether one more connection may be held; a refusal is counted.
    package func canRegister() -> Bool {
        guard table.count < limits.connections else {
            rejected(.connections)
            return false
        }
        return true
    }

    /// Whether the process has descriptors left for a connection that was accepted as `descriptor`; a refusal is counted,
    /// logged now and then, and reaches the client as a reset.
    package func admits(accepted descriptor: CInt) -> Bool {
        guard !limits.descriptors.admits(accepted: descriptor) else { return true }
        try? Socket.setResetOnClose(descriptor)
        outOfDescriptors()
        return false
    }

    /// Whether the upstream socket `descriptor` of a connection may be used.
    package func admits(upstream descriptor: CInt) -> Bool {
        guard !limits.descriptors.admits(upstream: descriptor) else { return true }
        outOfDescriptors()
        return false
    }

    private func outOfDescriptors() {
        rejected(.descriptors)
        guard lastDescriptorWarning.map({ loop.now - $0 >= Self.warningInterval }) ?? true else { return }
        lastDescriptorWarning = loop.now
        log.warn(
            "new connections are refused: \(limits.descriptors.limit - limits.descriptors.reserve) of "
                + "\(limits.descriptors.limit) file descriptors are in use; raise LimitNOFILE of the service")
    }

    /// Takes one of the places for handshakes for `peer`; `endHandshake` gives it back.
    package func beginHandshake(_ peer: SocketAddress) -> Bool {
        guard let limit = handshakePlaces.take(IPAddress(peer)) else { return true }
        rejected(limit)
        return false
    }

    /// Gives a place of `peer` back.
    package func endHandshake(_ peer: SocketAddress) {
        handshakePlaces.give(IPAddress(peer))
        if handshakes == 0 { for server in stopping.values { server.handshakesEnded() } }
    }

    /// Counts work that a bound refused.
    package func rejected(_ limit: DataPlaneLimit) { telemetry.rejected(limit) }

    /// Remembers an endpoint whose connect failed.
    package func eject(_ uid: String) {
        if !ejections.eject(uid, now: loop.now) { rejected(.ejectedEndpoints) }
    }

    /// An endpoint answered.
    package func restore(_ uid: String) { ejections.restore(uid) }

    /// Endpoints to pass over while others are there.
    package func ejectedEndpoints() -> Set<String> { ejections.current(now: loop.now) }

    // MARK: Connections

    /// Live connections. For the dump and for tests: the array is made for the call.
    package var connections: [ProxiedConnection] { table.connections }

    /// Makes a connection live.
    package func register(_ connection: ProxiedConnection) {
        table.insert(connection)
        connection.server.liveConnections += 1
        telemetry.registered(connection.direction)
    }

    /// Both ends stand: counts the opening.
    package func relay(_ connection: ProxiedConnection, _ relay: Relay) {
        connection.activity = .relaying(relay)
        telemetry.opened(connection)
        log.opened(connection)
    }

    /// What a relay of `connection` calls at its end.
    package func relayEnd(_ connection: ProxiedConnection) -> (RelayReport) -> Void {
        { [unowned self] report in
            finish(
                connection, fromFirst: report.bytesFromFirst, fromSecond: report.bytesFromSecond,
                failure: connection.cause ?? report.failure)
        }
    }

    /// The end of a connection: metrics, line, and out of the table. Happens once; later calls do nothing.
    package func finish(
        _ connection: ProxiedConnection, fromFirst: UInt64, fromSecond: UInt64, failure: ConnectionFailure?
    ) {
        guard connection.slot >= 0 else { return }
        connection.activity = .none
        table.remove(connection)
        telemetry.closed(connection, fromFirst: fromFirst, fromSecond: fromSecond, failure: failure)
        log.completed(connection, fromFirst: fromFirst, fromSecond: fromSecond, failure: failure, now: loop.now)
        connection.server.connectionEnded()
    }

    /// The end of a connection of which nothing was known: only the short line of an early denial (Z 8.2).
    package func deny(_ connection: ProxiedConnection, _ failure: ConnectionFailure) {
        guard connection.slot >= 0 else { return }
        connection.activity = .none
        table.remove(connection)
        telemetry.discarded(connection.direction)
        log.earlyDenial(
            source: connection.source, destination: connection.destination, direction: connection.direction, failure)
        connection.server.connectionEnded()
    }

    /// Ends every connection of a workload.
    package func cutConnections(of server: WorkloadServer, _ failure: ConnectionFailure) {
        for connection in table.connections where connection.server === server { connection.cut(failure) }
    }

    /// Ends every connection that came over a tunnel.
    package func cutConnections(over tunnel: InboundTunnel, _ failure: ConnectionFailure) {
        for connection in table.connections where connection.peer === tunnel.peer { connection.cut(failure) }
    }

    /// All live connections, for the dump.
    package func summaries() -> [ConnectionSummary] {
        table.connections.map { connection in
            ConnectionSummary(
                workloadUID: connection.server.workload.uid, direction: connection.direction, source: connection.source,
                originalDestination: connection.destination, actualDestination: connection.target,
                transport: connection.transport,
                ageSeconds: UInt64(clamping: (loop.now - connection.start).components.seconds))
        }
    }

    /// The counters, after the bytes that live connections have moved were added.
    package func metrics(droppedLines: UInt64) -> MetricSnapshot {
        for connection in table.connections {
            guard case .relaying(let relay) = connection.activity else { continue }
            telemetry.progressed(connection, fromFirst: relay.bytesFromFirst, fromSecond: relay.bytesFromSecond)
        }
        return telemetry.snapshot(droppedLines: droppedLines, memory)
    }

    // MARK: Authorization

    /// Nil if the policies of the destination allow the connection, else the reason (Z 4.3).
    package func admit(_ connection: ProxiedConnection, _ record: Workload) -> ConnectionFailure? {
        logDryRuns(connection, record)
        return switch Admission.decide(connection, record, snapshot) {
        case .allow: nil
        case .deny(let denial): .policyRejection(denial.description)
        }
    }

    private func logDryRuns(_ connection: ProxiedConnection, _ record: Workload) {
        guard log.admitsDryRuns else { return }
        for finding in Admission.dryRuns(connection, record, snapshot) {
            log.dryRun("\(finding), connection from \(connection.source) to \(connection.target)")
        }
    }

    /// One portion of the review of live inbound connections; schedules the next one.
    private func continueReview() {
        guard var review = self.review else { return }
        let isDone = review.advance(table: { table.connection(at: $0) }, snapshot: snapshot) { connection, reason in
            log.info(
                "connection from \(connection.source) to \(connection.target) closed because it's no longer allowed "
                    + "after a policy update: \(reason)")
            connection.cut(.policyChange)
        }
        self.review = isDone ? nil : review
        if !isDone { loop.schedule(after: .zero) { [self] in continueReview() } }
    }
}
