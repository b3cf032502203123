import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore
import RE2Engine
import TLSEngine

/// The program `waypoint proxy`, as a waypoint or a gateway: built from its settings, run until it is told to end. Confined to the control loop, which runs on the
/// main thread; workers, host name lookups and the log have threads of their own.
final class Waypoint {
    let loop: EventLoop
    let configuration: WaypointConfiguration
    let logger: Logger
    let state: NodeState
    let store: CertificateStore
    let renewal: CertificateRenewal
    let resources: NodeResources
    let discovery: DiscoveryClient?
    let service: ServiceManager?
    let sockets: SocketStore
    let identity: SPIFFEIdentity
    let connections: ControlPlaneConnections
    let resolver: HostResolver
    let predecessor: Predecessor?
    let watchdogMicroseconds: UInt64
    let routes: RoutingPublisher
    var compiler: RoutingCompiler
    /// The mesh has changed, and what acts on requests is about to be compiled.
    var isCompiling = false
    /// What comes from the control plane may be held back for a while.
    var membership = Membership.member
    /// What the last compilation said to the authors of what acts on requests.
    var notes: [String] = []
    /// The labels that the control plane is told of this gateway.
    var reported: [String: String] = [:]
    /// The ports of a gateway; nil for a waypoint.
    private(set) lazy var doors =
        configuration.role == .gateway
        ? GatewaySockets(
            loop: loop, store: sockets, ipv6: configuration.ipv6, log: NodeLog(logger, "gateway"),
            workers: { [unowned self] in doorChanges }) : nil
    private let sink: LogSink
    var threads: [LoopThread] = []
    var workers: [LoopBound<WaypointWorker>] = []
    var pages: ListeningPages
    var readinessPage: HTTP1Server?
    var metricsPage: HTTP1Server?
    var signals: TerminationSignals?
    var watchdog: ThreadWatch?
    lazy var ownership = makeOwnership()
    var registration: WaypointRegistration?
    /// Keeps the socket that tunnels come to.
    var lease: SocketLease?
    /// Where tunnels are taken; 0 before.
    var port: UInt16 = 0
    /// What was told last: why it cannot serve, what systemd shows, and which servers fail.
    var told: (problem: String?, status: String, servers: [String]) = (nil, "", [])
    /// It ends, or has handed over.
    var isDraining = false
    /// It takes itself out of the endpoints: what comes on open connections is answered until they end.
    var isLeaving = false
    /// A restart follows: it stays an endpoint.
    var isRestarting = false
    /// Why `run` ends, where it is not because it was told to.
    var failure: StartFailure?

    // MARK: the generation before and the one after
    var takeover: Takeover?
    /// Told once how the hand-over ended: nil, or why it failed.
    var onServing: ((_ failure: String?) -> Void)?
    /// Waits for the next generation, and knows the older ones that still drain.
    lazy var upgrades = makeUpgrades()
    var successor: UpgradeChannel?

    init(_ configuration: WaypointConfiguration, start: StartConditions) throws {
        self.configuration = configuration
        service = start.service
        predecessor = start.predecessor
        watchdogMicroseconds = start.predecessor?.inheritance.watchdogMicroseconds ?? start.watchdogMicroseconds
        sockets = SocketStore(inherited: start.predecessor?.sockets ?? start.inherited, service: start.service)
        pages = ListeningPages(store: sockets)
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
        let resources = NodeResources(
            loop: loop, state: state, directory: try directory.inside("xds"), kinds: DiscoveryKind.waypoint,
            log: NodeLog(logger, "state"))
        self.resources = resources
        var compiler = RoutingCompiler(configuration, RE2Engine())
        routes = RoutingPublisher(compiler.compile(.empty, [:]))
        self.compiler = compiler
        let resolver = try HostResolver()
        self.resolver = resolver
        let connections = ControlPlaneConnections(
            loop: loop, resolver: resolver, userAgent: "ambit-waypoint/\(Release.version)",
            nodeCertificate: configuration.nodeCertificate, token: nil, clusterID: configuration.clusterID, mark: nil)
        self.connections = connections
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
        discovery = configuration.discovery.map { server in
            DiscoveryClient(
                loop: loop, client: connections.client(server), resources: resources,
                node: configuration.discoveryNode, headers: connections.headers(server), log: NodeLog(logger, "xds"))
        }
        identity = SPIFFEIdentity(
            trustDomain: configuration.trustDomain, namespace: configuration.namespace,
            serviceAccount: configuration.serviceAccount)
        resources.isOwner = false
        renewal.isOwner = false
    }

    /// Serves until SIGTERM or SIGINT, and returns when the last request is over. Blocks the calling thread.
    func run() throws {
        try start()
        loop.run()
        sink.flush()
        if let failure { throw failure }
    }
}
