import Glibc
import HTTPWire
import LinuxSystem
import MeshAPI
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore
import RE2Engine
import SwiftProtobuf
import TLSEngine

/// The program `waypoint proxy`: built from its settings, run until it is told to end. Confined to the control loop, which runs on the
/// main thread; workers, host name lookups and the log have threads of their own.
final class Waypoint {
    private let loop: EventLoop
    private let configuration: WaypointConfiguration
    private let logger: Logger
    private let sink: LogSink
    private let state: NodeState
    private let store: CertificateStore
    private let renewal: CertificateRenewal
    private let resources: NodeResources
    private let discovery: DiscoveryClient?
    private var compiler: RoutingCompiler
    private let routes: RoutingPublisher
    private var isCompiling = false
    private var notes: [String] = []
    private let service: ServiceManager?
    private var threads: [LoopThread] = []
    private var workers: [LoopBound<WaypointWorker>] = []
    private var pages: ListeningPages
    private var readinessPage: HTTP1Server?
    private var signals: TerminationSignals?
    private var isDraining = false
    private let identity: SPIFFEIdentity

    init(_ configuration: WaypointConfiguration, service: ServiceManager?) throws {
        self.configuration = configuration
        self.service = service
        let loop = try EventLoop(name: "control")
        self.loop = loop
        let sink = try LogSink()
        self.sink = sink
        let logger = Logger(
            format: configuration.logsJSON ? .json : .plain, filter: configuration.logFilter,
            clock: WallClock.microseconds, sink: { sink.write($0) })
        self.logger = logger
        let clock: @Sendable () -> Int64 = { SystemClock.unixSeconds }
        let directory = try StateDirectory(configuration.stateDirectory)
        store = CertificateStore(clock: clock)
        state = NodeState(snapshot: .empty, certificates: store)
        resources = NodeResources(
            loop: loop, state: state, directory: try directory.inside("xds"), kinds: DiscoveryKind.waypoint,
            log: NodeLog(logger, "state"))
        var compiler = RoutingCompiler(configuration, RE2Engine())
        routes = RoutingPublisher(compiler.compile(.empty, [:]))
        self.compiler = compiler
        let connections = ControlPlaneConnections(
            loop: loop, resolver: try HostResolver(), userAgent: "ambit-waypoint/\(Release.version)",
            nodeCertificate: configuration.nodeCertificate, token: nil, clusterID: configuration.clusterID, mark: nil)
        let discoveryClient = configuration.discovery.map(connections.client)
        guard let authority = configuration.authority else {
            throw StartFailure("CA_ADDRESS is empty: a waypoint's certificate comes from the mesh's authority")
        }
        renewal = CertificateRenewal(
            loop: loop, store: store,
            issuer: AuthorityIssuer(
                client: connections.client(authority), lifetime: configuration.certificateLifetime,
                headers: connections.headers(authority)),
            cache: CertificateCache(directory: try directory.inside("certificates")), clock: clock,
            log: NodeLog(logger, "ca"))
        let subscription = resources
        discovery = discoveryClient.flatMap { client in
            configuration.discovery.map { server in
                DiscoveryClient(
                    loop: loop, client: client, resources: subscription, node: Self.node(configuration),
                    headers: connections.headers(server), log: NodeLog(logger, "xds"))
            }
        }
        identity = SPIFFEIdentity(
            trustDomain: configuration.trustDomain, namespace: configuration.namespace,
            serviceAccount: configuration.serviceAccount)
        pages = ListeningPages(store: SocketStore())
    }

    private static func node(_ configuration: WaypointConfiguration) -> Envoy_Config_Core_V3_Node {
        var fields: [String: Google_Protobuf_Value] = [:]
        for (name, value) in [
            ("NAME", configuration.name), ("NAMESPACE", configuration.namespace),
            ("CLUSTER_ID", configuration.clusterID), ("NODE_NAME", configuration.nodeName ?? ""),
            ("AMBIT_VERSION", Release.version),
        ] where !value.isEmpty {
            fields[name] = .with { $0.stringValue = value }
        }
        return .with {
            $0.id =
                "waypoint~0.0.0.0~\(configuration.name).\(configuration.namespace)~\(configuration.namespace).svc.\(configuration.clusterDomain)"
            $0.userAgentName = "ambit-waypoint/\(Release.version)"
            $0.metadata.fields = fields
        }
    }

    /// Serves until SIGTERM or SIGINT, and returns when the last request is over. Blocks the calling thread.
    func run() throws {
        let log = NodeLog(logger, "app")
        log(
            .info,
            "waypoint \(Release.version) of \(configuration.namespace)/\(configuration.name) starts as \(identity.uri), \(configuration.workers) workers"
        )
        _ = resources.restore()
        compile()
        let own = LoopBound(self)
        state.observe { [loop] in loop.submitAlways { own.value.changed() } }
        let home = LoopBound(renewal)
        store.onUrgent { [loop] identity in _ = loop.submit { home.value.hurry(identity) } }
        signals = try TerminationSignals(loop: loop) { [weak self] _ in self?.drain() }
        renewal.host(identity)
        try startWorkers()
        let server = HTTP1Server(loop: loop) { [weak self] request, reply in
            guard request.path == "/healthz/ready" else { return reply(.notFound(request.path)) }
            let problem = self?.problem
            reply(problem.map { HTTP1Response(status: 503, "\($0)\n") } ?? HTTP1Response("ready\n"))
        }
        readinessPage = server
        try pages.everywhere(
            server, port: configuration.readinessPort, ipv6: configuration.ipv6,
            name: "readiness (AMBIT_READINESS_PORT)")
        discovery?.start()
        service?.ready(process: getpid(), status: "serving on port \(configuration.port)")
        loop.run()
        sink.flush()
    }

    /// Why requests are not served; nil when they are.
    private var problem: String? {
        if isDraining { return "ending" }
        if !resources.isComplete { return "nothing has come from the control plane yet" }
        guard case .ready = store.context(for: identity, role: .server) else {
            return "no certificate for \(identity.uri) has arrived yet"
        }
        return nil
    }

    /// The mesh has changed; what changes in one turn of the loop is compiled once.
    private func changed() {
        guard !isCompiling else { return }
        isCompiling = true
        loop.schedule(after: .zero) { [self] in
            isCompiling = false
            compile()
        }
    }

    /// Compiles what acts on requests, hands it to the workers, and says what its authors may not expect.
    private func compile() {
        let made = compiler.compile(state.snapshot, resources.networking)
        routes.publish(made)
        let log = NodeLog(logger, "routes")
        for note in made.notes where !notes.contains(note) { log(.warn, note) }
        notes = made.notes
    }

    private func startWorkers() throws {
        let address: SocketAddress =
            configuration.ipv6 ? .any6(port: configuration.port) : .any4(port: configuration.port)
        let socket: Descriptor
        do throws(Errno) {
            socket = try Socket.listen(on: address) { raw throws(Errno) in
                if !address.isIPv4 { try Socket.setV6Only(raw, false) }
            }
        } catch {
            throw StartFailure(
                "cannot listen on port \(configuration.port): \(error); where the host's ztunnel has it, set "
                    + "AMBIT_HBONE_PORT to another one and name it as targetPort of the waypoint's Service")
        }
        for number in 0..<configuration.workers {
            let own = try EventLoop(name: "worker-\(number)")
            let worker = WaypointWorker(
                loop: own, configuration: configuration, state: state, routes: routes, logger: logger,
                seed: try SystemRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) })
            try worker.listen(try socket.duplicate())
            workers.append(LoopBound(worker))
            threads.append(try LoopThread(running: own))
        }
    }

    private func drain() {
        guard !isDraining else { return loop.stop() }
        isDraining = true
        NodeLog(logger, "app")(
            .info, "ends: open requests have \(DurationText.text(configuration.drainDeadline)) to finish")
        service?.stopping(status: "ending")
        discovery?.stop()
        let home = LoopBound(self)
        let gathering = Gathering<Bool>(count: workers.count) { [loop] _ in loop.submitAlways { home.value.loop.stop() }
        }
        for (worker, thread) in zip(workers, threads) {
            thread.loop.submitAlways { worker.value.drain { gathering.report(true) } }
        }
        loop.schedule(after: configuration.drainDeadline) { [weak self] in self?.loop.stop() }
    }
}
