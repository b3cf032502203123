import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry

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
    let resources: NodeResources
    let dataPlane: DataPlane
    let names: DNSService?
    let namespaces: LoopThread
    let enrolments: EnrolmentController
    let dedicated: DedicatedWorkload?
    let discovery: DiscoveryClient?
    let reporter: WorkloadReporter?
    let notifySocket: String?
    var readiness: Readiness
    var servers: [HTTP1Server] = []
    var signals: TerminationSignals?
    var isDraining = false
    var memoryReturn: TimerID?

    /// Builds the program; nothing is served yet. `notifySocket` is systemd's NOTIFY_SOCKET.
    package init(_ configuration: NodeConfiguration, notifySocket: String?) throws {
        self.configuration = configuration
        self.notifySocket = notifySocket
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
            loop: loop, resolver: try HostResolver(), configuration: configuration, version: Self.version)
        let discoveryClient = configuration.discovery.map(connections.client)
        let issuer: any CertificateIssuer
        if let authority = configuration.authority {
            // One connection serves both where they are one server.
            let shares = configuration.discovery.map { $0.address == authority.address && $0.roots == authority.roots }
            let client = shares == true ? discoveryClient : nil
            issuer = AuthorityIssuer(
                client: client ?? connections.client(authority), lifetime: configuration.certificateLifetime,
                headers: connections.headers(authority))
        } else {
            issuer = DirectoryIssuer(directory: configuration.certificateDirectory ?? "")
        }
        renewal = CertificateRenewal(
            loop: loop, store: store, issuer: issuer,
            cache: configuration.authority == nil
                ? nil : CertificateCache(directory: try directory.inside("certificates")),
            clock: clock, log: NodeLog(logger, "ca"))

        dataPlane = try DataPlane(configuration: configuration.dataPlane, state: state, logger: logger, sink: sink)
        let upstream = configuration.dnsUpstream.compactMap(ResolverConfiguration.address)
        names =
            configuration.dns
            ? try DNSService(
                state: state, configuration: configuration,
                upstream: upstream.isEmpty ? nil : ResolverConfiguration(servers: upstream), log: NodeLog(logger, "dns")
            )
            : nil
        namespaces = try LoopThread(name: "namespaces")
        enrolments = EnrolmentController(
            loop: loop, namespaces: namespaces, dataPath: dataPlane, names: names,
            files: EnrolmentFiles(directory: try directory.inside("enrolments")), certificates: renewal,
            configuration: configuration, log: NodeLog(logger, "enrolment"))
        if case .dedicated(let reference) = configuration.mode {
            dedicated = try DedicatedWorkload(reference, configuration)
        } else {
            dedicated = nil
        }
        discovery = discoveryClient.flatMap { client in
            configuration.discovery.map { server in
                DiscoveryClient(
                    loop: loop, client: client, resources: resources,
                    node: configuration.discoveryNode(version: Self.version), headers: connections.headers(server),
                    log: NodeLog(logger, "xds"))
            }
        }
        let enrolled = enrolments
        let own = dedicated
        reporter = discoveryClient.flatMap { client in
            guard let server = configuration.discovery, let node = configuration.nodeName else { return nil }
            return WorkloadReporter(
                loop: loop, client: client, node: node, network: configuration.network,
                headers: connections.headers(server),
                list: { (own.map { [$0.status] } ?? []) + enrolled.statuses }, log: NodeLog(logger, "xds"))
        }
        var tasks: Set<Readiness.Task> = [.stateManager, .proxy, .workloadManager]
        if configuration.dns { tasks.insert(.dnsProxy) }
        readiness = Readiness(tasks)
    }

    /// Serves until SIGTERM, SIGINT or /quitquitquit, and returns when the last connection is gone. Blocks the calling thread.
    package func run() throws {
        try start()
        loop.run()
        sink.flush()
    }
}
