import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
package import NodeCore

/// The program `ztunnel proxy`: built from its settings, run until it is told to end.
///
/// Everything here is confined to the control loop, which runs on the main thread. Workers, mesh DNS, network namespaces, host
/// name lookups and the log have threads of their own.
package final class Ztunnel {
    /// The program's version.
    package static let version = Release.version

    let loop: EventLoop
    let configuration: NodeConfiguration
    let logger: Logger
    let sink: LogSink
    let state: NodeState
    let store: CertificateStore
    let renewal: CertificateRenewal
    let nodeCertificate: NodeCertificateRenewal?
    let resources: NodeResources
    let dataPlane: DataPlane
    let names: DNSService?
    let namespaces: LoopThread
    let enrolments: EnrolmentController
    let enrolmentFolder: EnrolmentFolder
    let dedicated: DedicatedWorkload?
    let zdsWorkloads: ZDSWorkloads?
    let zds: ZDSClient?
    let discovery: DiscoveryClient?
    let reporter: WorkloadReporter?
    let service: ServiceManager?
    let sockets: SocketStore
    let predecessor: Predecessor?
    let watchdogMicroseconds: UInt64
    let health: WorkloadHealthTable
    let drains: WorkloadDrain
    let probes: LoopThread
    let prober: LoopBound<ProbeRunner>
    var readiness: Readiness
    var servers: [HTTP1Server] = []
    var pages: ListeningPages
    var signals: TerminationSignals?
    lazy var ownership = makeOwnership()
    var watchdog: ThreadWatch?
    var isDraining = false
    var memoryReturn: TimerID?
    /// Whether READY=1 was said.
    var isAnnounced = false
    var lastStatus = ""

    // MARK: the generation before
    var takeover: Takeover?
    /// Whether connections are accepted here: from the start, or once the predecessor has handed over.
    var isServing: Bool
    /// Told once how the hand-over ended: nil, or why it failed.
    package var onServing: ((_ failure: String?) -> Void)?

    // MARK: the generation after
    /// Waits for it, and knows the older ones that still drain.
    lazy var upgrades = makeUpgrades()
    var successor: UpgradeChannel?
    /// Why `run` ends, where it is not because it was told to.
    var failure: StartFailure?

    /// Builds the program; nothing is served yet. `service` is the service manager that is told of it.
    package init(_ configuration: NodeConfiguration, start: StartConditions) throws {
        self.configuration = configuration
        service = start.service
        predecessor = start.predecessor
        isServing = start.predecessor == nil
        watchdogMicroseconds = start.predecessor?.inheritance.watchdogMicroseconds ?? start.watchdogMicroseconds
        let sockets = SocketStore(inherited: start.predecessor?.sockets ?? start.inherited, service: start.service)
        self.sockets = sockets
        pages = ListeningPages(store: sockets)
        let isTakingOver = start.predecessor != nil
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
            loop: loop, state: state, directory: configuration.discovery == nil ? nil : try directory.inside("xds"),
            log: NodeLog(logger, "state"))
        self.resources = resources

        let connections = ControlPlaneConnections(
            loop: loop, resolver: try HostResolver(), userAgent: "ambit-ztunnel/\(Self.version)",
            nodeCertificate: configuration.nodeCertificate, token: configuration.token,
            clusterID: configuration.clusterID,
            mark: configuration.capturesOwnNamespace ? configuration.dataPlane.packetMark : nil)
        let discoveryClient = configuration.discovery.map(connections.client)
        let issuer: any CertificateIssuer
        var authorityIssuer: AuthorityIssuer?
        var authorityClient: GRPCClient?
        if let authority = configuration.authority {
            // One connection serves both where they are one server.
            let shares = configuration.discovery.map { $0.address == authority.address && $0.roots == authority.roots }
            let client = (shares == true ? discoveryClient : nil) ?? connections.client(authority)
            let made = AuthorityIssuer(
                client: client, lifetime: configuration.certificateLifetime, headers: connections.headers(authority))
            issuer = made
            authorityIssuer = made
            authorityClient = client
        } else {
            issuer = DirectoryIssuer(directory: configuration.certificateDirectory ?? "")
        }
        renewal = CertificateRenewal(
            loop: loop, store: store, issuer: issuer,
            cache: configuration.authority == nil
                ? nil : CertificateCache(directory: try directory.inside("certificates")),
            clock: clock, log: NodeLog(logger, "ca"))

        var plane = configuration.dataPlane
        plane.limits.descriptors = DescriptorBudget(limit: start.descriptorLimit)
        dataPlane = try DataPlane(
            configuration: plane, state: state, logger: logger, sink: sink, sockets: sockets,
            isAccepting: !isTakingOver, holdsHost: !isTakingOver)
        let upstream = configuration.dnsUpstream.compactMap(ResolverConfiguration.address)
        names =
            configuration.dns
            ? try DNSService(
                state: state, configuration: configuration,
                upstream: upstream.isEmpty ? nil : ResolverConfiguration(servers: upstream),
                log: NodeLog(logger, "dns"), sockets: sockets, isAccepting: !isTakingOver)
            : nil
        namespaces = try LoopThread(name: "namespaces")
        enrolments = EnrolmentController(
            loop: loop, namespaces: namespaces, dataPath: dataPlane, names: names,
            files: EnrolmentFiles(directory: try directory.inside("enrolments")),
            leavingFiles: EnrolmentFiles(directory: try directory.inside("leaving")), certificates: renewal,
            configuration: configuration, log: NodeLog(logger, "enrolment"), isTakingOver: isTakingOver)
        enrolmentFolder = EnrolmentFolder(
            path: configuration.enrolmentFolder, loop: loop, enrolments: enrolments, log: NodeLog(logger, "enrolment"))
        if case .dedicated(let reference) = configuration.mode {
            dedicated = try DedicatedWorkload(reference, configuration)
        } else {
            dedicated = nil
        }
        if let agent = configuration.agentSocket {
            let log = NodeLog(logger, "zds")
            let served = ZDSWorkloads(
                loop: loop, namespaces: namespaces, dataPath: dataPlane, names: names, certificates: renewal,
                trustDomain: configuration.trustDomain, log: log)
            zdsWorkloads = served
            zds = ZDSClient(loop: loop, path: agent, workloads: served, log: log)
        } else {
            zdsWorkloads = nil
            zds = nil
        }
        discovery = discoveryClient.flatMap { client in
            configuration.discovery.map { server in
                DiscoveryClient(
                    loop: loop, client: client, resources: resources,
                    node: configuration.discoveryNode(version: Self.version), headers: connections.headers(server),
                    log: NodeLog(logger, "xds"))
            }
        }
        let subscription = discovery
        nodeCertificate = authorityIssuer.flatMap { issuer in
            configuration.nodeCertificate.map { paths in
                NodeCertificateRenewal(
                    loop: loop, files: NodeCertificateFiles(certificate: paths.certificate, key: paths.key),
                    issuer: issuer, clock: clock, log: NodeLog(logger, "ca")
                ) {
                    authorityClient?.reconnect()
                    discoveryClient?.reconnect()
                    subscription?.restart()
                }
            }
        }
        let enrolled = enrolments
        let own = dedicated
        let agents = zdsWorkloads
        let health = WorkloadHealthTable(
            drainedFile: DrainedWorkloads(directory: try directory.inside("health")), now: { loop.now },
            log: NodeLog(logger, "health"))
        self.health = health
        let home = LoopBound(health)
        let probeLoop = try EventLoop(name: "probes")
        prober = LoopBound(
            ProbeRunner(
                loop: probeLoop, mark: configuration.dataPlane.packetMark,
                commands: CommandSettings(
                    folder: configuration.probeFolder,
                    hidden: [configuration.stateDirectory, configuration.runDirectory])
            ) { verdict in
                loop.submitAlways { home.value.take(verdict) }
            })
        probes = try LoopThread(running: probeLoop)
        let reporter: WorkloadReporter? = discoveryClient.flatMap { client in
            guard let server = configuration.discovery, let node = configuration.nodeName else { return nil }
            return WorkloadReporter(
                loop: loop, client: client, node: node, network: configuration.network,
                headers: connections.headers(server),
                list: { (own.map { [$0.status] } ?? []) + enrolled.statuses + (agents?.statuses ?? []) },
                health: health.state, log: NodeLog(logger, "xds"))
        }
        self.reporter = reporter
        drains = WorkloadDrain(
            loop: loop, table: health, reporter: reporter, state: state, node: configuration.nodeName)
        var tasks: Set<Readiness.Task> = [.stateManager, .proxy, .workloadManager]
        if configuration.dns { tasks.insert(.dnsProxy) }
        readiness = Readiness(tasks)
        resources.isOwner = false
        renewal.isOwner = false
    }

    /// Serves until SIGTERM, SIGINT or /quitquitquit, and returns when the last connection is gone. Blocks the calling thread.
    package func run() throws {
        try start()
        loop.run()
        sink.flush()
        if let failure { throw failure }
    }
}
