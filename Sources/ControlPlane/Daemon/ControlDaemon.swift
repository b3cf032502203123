package import Logging
import ServiceLifecycle
import UnixSignals

/// `ambitd serve`: opens the state and runs the four servers until SIGTERM or SIGINT.
package struct ControlDaemon: Sendable {
    private let configuration: DaemonConfiguration
    private let logger: Logger
    private let onServing: @Sendable () -> Void

    /// `onServing` is called once, when the resource API, the nodes' port and the joins' port listen.
    package init(
        _ configuration: DaemonConfiguration, logger: Logger, onServing: @escaping @Sendable () -> Void = {}
    ) {
        self.configuration = configuration
        self.logger = logger
        self.onServing = onServing
    }

    /// Runs until it is told to stop; throws where it cannot start or a server fails.
    package func run() async throws {
        let state = try await ControlState.open(
            configuration.stateDirectory, trustDomain: configuration.trustDomain, authority: configuration.authority)
        try state.writeAdminKubeconfig(server: configuration.serverURL)
        let certificates = try ServerCertificateSource(
            authority: state.authority, names: configuration.serverNames, logger: logger)
        var control = ControlConfiguration()
        control.host = configuration.grpc.host
        control.port = configuration.grpc.port
        control.names = configuration.serverNames
        control.version = configuration.version
        let counters = ControlMetrics()
        let nodes = try ControlServices(
            store: state.store, authority: state.authority, certificates: certificates, configuration: control,
            metrics: counters, logger: logger)
        let notice = StartNotice(onServing)
        let joining = try nodes.joining(addresses: configuration.joinAddresses, controlPort: configuration.grpc.port)
        let api = APIServer(
            api: ResourceAPI(
                store: state.store, authority: state.authority, nodes: joining.api, metrics: counters,
                version: configuration.version, logger: logger
            ) { await nodes.statusDocument() },
            host: configuration.api.host, port: configuration.api.port, rootsPEM: state.authority.rootsPEM,
            certificates: certificates, metrics: counters, logger: logger
        ) { _ in await notice.listens(.resources) }
        let metrics = MetricsServer(
            host: configuration.metrics.host, port: configuration.metrics.port, version: configuration.version,
            metrics: counters, logger: logger
        ) { nodes.metricsText() }
        let join = JoinServer(
            service: joining.service, host: configuration.join.host, port: configuration.join.port,
            certificates: certificates, logger: logger
        ) { _ in await notice.listens(.joins) }
        logger.notice(
            "ambitd \(configuration.version): resource API on \(configuration.api), nodes on \(configuration.grpc), joins on \(configuration.join), metrics on \(configuration.metrics), state in \(configuration.stateDirectory)"
        )
        let services: [any ServiceLifecycle.Service] = [nodes, api, join, metrics]
        let group = ServiceGroup(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        let nodesListen = Task {
            _ = try await nodes.port
            await notice.listens(.nodes)
        }
        defer { nodesListen.cancel() }
        try await group.run()
    }
}
