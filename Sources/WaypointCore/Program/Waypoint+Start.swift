import Glibc
import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore
import TLSEngine

/// How the program begins, and what it tells of itself.
extension Waypoint {
    /// Publishes what is known, and serves: at once, or when the generation before has handed over.
    func start() throws {
        NodeLog(logger, "app")(
            .info,
            "\(configuration.role.word) \(Release.version) of \(configuration.namespace)/\(configuration.name) starts as \(identity.uri), \(configuration.workers) workers"
        )
        _ = resources.restore()
        publishStored()
        if discovery == nil { membership = .outside }
        let own = LoopBound(self)
        state.observe { [loop] in loop.submitAlways { own.value.changed() } }
        let home = LoopBound(renewal)
        store.onUrgent { [loop] identity in _ = loop.submit { home.value.hurry(identity) } }
        signals = try TerminationSignals(loop: loop, and: [SIGUSR1]) { [weak self] in self?.interrupted($0) }
        renewal.host(identity)
        if let predecessor { return try prepare(predecessor) }
        try ownership.take()
        try serve(on: try listen())
    }

    /// Takes tunnels from here on. The generation before has given the state up.
    func serve(on socket: consuming Descriptor) throws {
        // What may fail comes before the first connection.
        try openReadiness()
        openMetrics()
        try upgrades.open(configuration.upgradeSocket, &pages)
        try startWorkers(socket)
        openPorts()
        register()
        discovery?.start()
        startWatchdog()
        watchFiles()
        told = (problem, statusText, failingServers)
        service?.ready(process: getpid(), status: told.status)
        sockets.dropUnclaimed()
        look()
    }

    private func openReadiness() throws {
        guard let port = configuration.readinessPort else { return }
        let server = HTTP1Server(loop: loop) { [weak self] request, reply in
            guard request.path == "/healthz/ready" else { return reply(.notFound(request.path)) }
            let problem = self?.problem
            reply(problem.map { HTTP1Response(status: 503, "\($0)\n") } ?? HTTP1Response("ready\n"))
        }
        readinessPage = server
        try pages.everywhere(server, port: port, ipv6: configuration.ipv6, name: "readiness (AMBIT_READINESS_PORT)")
    }

    /// Becomes an endpoint of the waypoint's Service.
    private func register() {
        guard let server = configuration.discovery else { return }
        guard let node = configuration.nodeName else {
            return NodeLog(logger, "xds")(
                .warn,
                "NODE_NAME is not set: the control plane is not told of this \(configuration.role.word), write a WorkloadEntry of it"
            )
        }
        let made = WaypointRegistration(
            loop: loop, resolver: resolver, connections: connections, server: server,
            configured: configuration.hostAddresses, log: NodeLog(logger, "xds")
        ) { [configuration, weak self] addresses, isLeaving in
            WaypointReport(
                configuration, node: node, addresses: addresses, port: self?.port ?? 0,
                isHealthy: self?.problem == nil, isLeaving: isLeaving, labels: self?.reported ?? [:],
                problems: self?.failingServers ?? [])
        }
        registration = made
        discovery?.onConnected = { [weak made] in made?.update() }
    }

    /// Answers systemd's watchdog, where it wants to hear from us.
    private func startWatchdog() {
        guard let service, watchdogMicroseconds > 0 else { return }
        let watch = ThreadWatch(
            loop: loop, threads: threads.map(\.loop), period: .microseconds(Int64(clamping: watchdogMicroseconds)),
            log: NodeLog(logger, "app"), alive: { service.alive() })
        watch.start()
        watchdog = watch
    }

    /// How often is looked whether it can serve: until it can, and then.
    private static let looks: (first: Duration, later: Duration) = (.milliseconds(100), .seconds(1))

    /// Tells the control plane and systemd of what has changed.
    private func look() {
        guard !isDraining else { return }
        let now = (problem: problem, status: statusText, servers: failingServers)
        if now.problem != told.problem { NodeLog(logger, "app")(.info, now.problem ?? "serves") }
        if now.problem != told.problem || now.servers != told.servers { registration?.update() }
        if now.status != told.status { service?.status(now.status) }
        told = now
        loop.schedule(after: now.problem == nil ? Self.looks.later : Self.looks.first) { [weak self] in self?.look() }
    }

    /// What `systemctl status` shows.
    private var statusText: String {
        let word = configuration.role.word
        let waypoint = "\(word) \(configuration.namespace)/\(configuration.name)"
        if let obstacle = problem ?? registration?.problem { return "\(waypoint) on port \(port) waits: \(obstacle)" }
        let name = ServiceName(
            namespace: configuration.namespace,
            hostname: "\(configuration.name).\(configuration.namespace).svc.\(configuration.clusterDomain)")
        guard state.snapshot.service(name) != nil else {
            let name = configuration.role == .gateway ? configuration.name : "--name \(configuration.name)"
            return "\(waypoint) waits for its Service: ambitctl \(word) apply -n \(configuration.namespace) \(name)"
        }
        let older = upgrades.generations.isEmpty ? "" : ", \(upgrades.generations.count) older generations drain"
        let ports = doors.map { ", of Gateways: \($0.summary)" } ?? ""
        let closed = routes.state.gateway?.closedServers ?? []
        let more = closed.count > 1 ? " and \(closed.count - 1) more" : ""
        let failing = closed.first.map { ", but TLS fails at \($0)\(more)" } ?? ""
        return "\(waypoint) serves on port \(port)\(ports)\(older)\(failing)"
    }

    /// Which ports of Gateways are closed and which servers fail, each with the reason, for a person.
    private var failingServers: [String] {
        let closed = (routes.state.gateway?.closedServers ?? []).map { "TLS fails at \($0)" }
        return (doors?.problems ?? []) + closed
    }

    /// Why requests are not served; nil when they are.
    var problem: String? {
        if isDraining { return "ending" }
        if !resources.isComplete { return "nothing has come from the control plane yet" }
        guard case .ready = store.context(for: identity, role: .server) else {
            return "no certificate for \(identity.uri) has arrived yet"
        }
        return nil
    }
}
