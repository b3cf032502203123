import GRPCNIOTransportHTTP2Posix
package import Logging
package import MeshModel
package import MeshPolicy
import ServiceLifecycle

/// The part of ambitd that nodes talk to, as one service: following the store, discovery, certificates, reports (15012).
package final class ControlServices: ServiceLifecycle.Service {
    private let authority: Authority
    private let configuration: ControlConfiguration
    private let registry: NodeRegistry
    private let metrics: ControlMetrics
    private let follower: MeshPublisher
    private let administration: NodeAdministration
    private let store: any ResourceStore
    private let logger: Logger
    private let server: ControlServer

    /// Puts the parts together; nothing listens before `run`. `certificates` may be shared with the resource API's server.
    ///
    /// Throws where the address or the certificate cannot be used.
    package init(
        store: any ResourceStore, authority: Authority, certificates: ServerCertificateSource,
        configuration: ControlConfiguration, metrics: ControlMetrics = ControlMetrics(), logger: Logger
    ) throws {
        self.authority = authority
        self.configuration = configuration
        var mesh = configuration.mesh
        mesh.trustDomain = authority.trustDomain
        let limits = configuration.limits
        let registry = NodeRegistry(now: authority.configuration.now)
        let publisher = DiscoveryPublisher()
        let grants = StoredNodeGrants(store: store)
        let nodes = NodeDirectory(
            store: store, limits: configuration.nodeLimits, now: authority.configuration.now)
        let writer = WorkloadReportWriter(
            store: store, nodes: nodes, now: authority.configuration.now, logger: logger)
        self.store = store
        self.logger = logger
        self.registry = registry
        self.metrics = metrics
        follower = MeshPublisher(
            store: store, mesh: mesh, publisher: publisher, metrics: metrics, limits: limits, logger: logger,
            revocations: { nodes.revocations })
        administration = NodeAdministration(
            nodes: nodes, writer: writer, publisher: follower, registry: registry, metrics: metrics, logger: logger)
        let address: SocketAddress =
            configuration.host.contains(":")
            ? .ipv6(host: configuration.host, port: configuration.port)
            : .ipv4(host: configuration.host, port: configuration.port)
        server = try ControlServer(
            address: address, authority: authority, certificates: certificates, publisher: publisher,
            services: [
                AggregatedDiscoveryService(
                    publisher: publisher, nodes: nodes, registry: registry, metrics: metrics, limits: limits,
                    trustDomain: authority.trustDomain, logger: logger),
                CertificateService(
                    authority: authority, grants: grants, nodes: nodes, registry: registry, metrics: metrics,
                    limits: limits, logger: logger),
                NodeReportService(
                    writer: writer, nodes: nodes, registry: registry, metrics: metrics, limits: limits,
                    trustDomain: authority.trustDomain, logger: logger),
            ], limits: limits, gate: ConnectionGate("nodes", configuration.connections, metrics: metrics),
            logger: logger)
    }

    /// The port that it listens on; waits until it does.
    package var port: Int {
        get async throws {
            let address = try await server.listeningAddress
            return address.ipv4?.port ?? address.ipv6?.port ?? 0
        }
    }

    /// Runs until graceful shutdown or cancellation; ends with an error where the port cannot be had.
    package func run() async throws {
        // Before the first publication: nodes must not be told of peers first, and then of what not to accept.
        try await administration.refresh()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await cancelWhenGracefulShutdown { await self.administration.run() } }
            group.addTask { try await self.follower.run() }
            group.addTask { try await self.server.run() }
            defer { group.cancelAll() }
            try await group.next()
            try await group.waitForAll()
        }
    }

    /// Taking new nodes: the service behind the join server, and the administrator's API of nodes and tokens. `addresses` go into
    /// tokens, `controlPort` is where nodes connect.
    package func joining(
        addresses: [String], controlPort: Int
    ) throws(AuthorityError) -> (service: JoinService, api: NodeAPI) {
        let tokens = JoinTokens(
            nodes: administration.nodes, rootPin: try authority.rootPin(), addresses: addresses)
        return (
            JoinService(
                authority: authority, tokens: tokens, administration: administration, controlPort: controlPort,
                metrics: metrics, logger: logger),
            NodeAPI(administration: administration, tokens: tokens, registry: registry, store: store)
        )
    }

    /// Ends all streams and stops listening.
    package func stop() {
        server.stop()
    }

    /// The warnings of the newest compilation.
    package var warnings: [CompilationWarning] { follower.compiled.warnings }

    /// The page of :15014.
    package func metricsText() -> String { metrics.render() }

    /// What `GET /ambit/v1/status` answers.
    package func statusDocument() async -> JSONValue {
        StatusDocument.make(
            nodes: registry.nodes, trustDomain: authority.trustDomain, version: configuration.version,
            authorityExpires: authority.notAfter, warnings: warnings)
    }
}
