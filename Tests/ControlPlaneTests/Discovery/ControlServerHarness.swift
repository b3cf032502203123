import ControlPlane
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging

/// A control server on a free port of 127.0.0.1 with a certificate authority of its own.
struct ControlServerHarness: Sendable {
    let directory: TemporaryDirectory
    let authority: Authority
    let publisher: DiscoveryPublisher
    let nodes: NodeDirectory
    let registry: NodeRegistry
    let metrics: ControlMetrics
    let limits: DiscoveryLimits

    /// Grants that a test writes down.
    struct FixedGrants: NodeGrants {
        let byNode: [String: [NodeGrant]]

        func grants(of node: String) async throws -> [NodeGrant] { byNode[node] ?? [] }
    }

    init(
        limits: DiscoveryLimits = DiscoveryLimits(), directory: TemporaryDirectory? = nil,
        nodeLifetime: TimeInterval? = nil
    ) throws {
        self.directory = try directory ?? TemporaryDirectory()
        var configuration = AuthorityConfiguration()
        if let nodeLifetime { configuration.nodeLifetime = nodeLifetime }
        authority = try Authority.loadOrCreate(
            directory: self.directory.path + "/ca", trustDomain: "cluster.local", configuration: configuration)
        publisher = DiscoveryPublisher()
        nodes = NodeDirectory(store: try SQLiteStore(path: nil))
        registry = NodeRegistry()
        metrics = ControlMetrics()
        self.limits = limits
    }

    /// Runs the server while `body` runs, then stops it.
    func serve(
        grants: [String: [NodeGrant]] = [:], more services: [any RegistrableRPCService] = [],
        _ body: @Sendable (Int) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = try ControlServer(
            address: .ipv4(host: "127.0.0.1", port: 0), authority: authority,
            certificates: ServerCertificateSource(
                authority: authority, names: ["127.0.0.1", "localhost"], logger: logger),
            publisher: publisher,
            services: [
                AggregatedDiscoveryService(
                    publisher: publisher, nodes: nodes, registry: registry, metrics: metrics, limits: limits,
                    trustDomain: authority.trustDomain, logger: logger),
                CertificateService(
                    authority: authority, grants: FixedGrants(byNode: grants), nodes: nodes, registry: registry,
                    metrics: metrics, limits: limits, logger: logger),
            ] + services, limits: limits, gate: ConnectionGate("nodes", .nodes, metrics: metrics), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let port = try await server.listeningAddress.ipv4?.port ?? 0
            do {
                try await body(port)
            } catch {
                server.stop()
                group.cancelAll()
                throw error
            }
            server.stop()
            try await group.waitForAll()
        }
    }

    /// A certificate of a node that is known.
    func node(_ name: String) async throws -> IssuedCertificate {
        let issued = try authority.issueNodeCertificate(node: name)
        try await nodes.add(name, certificate: issued.held, grants: [], origin: "a test")
        return issued
    }

    /// Publishes resources of type Address with these versions.
    func publish(_ versions: [String: String], members: [String: [String]] = [:]) {
        let resources = versions.map {
            DiscoveryResource(name: $0.key, version: $0.value, aliases: [], payload: Array($0.value.utf8))
        }
        publisher.publish(
            DiscoverySnapshot(
                after: publisher.snapshot, tables: [.address: DiscoveryTable(resources, members: members)],
                historyLimit: 64))
    }

    /// A gRPC client that shows `certificate` (none: shows none).
    func client(
        port: Int, certificate: IssuedCertificate?
    ) throws -> GRPCClient<HTTP2ClientTransport.Posix> {
        let roots = TLSConfig.TrustRootsSource.certificates([.bytes(Array(authority.rootsPEM.utf8), format: .pem)])
        let security: HTTP2ClientTransport.Posix.TransportSecurity
        if let certificate {
            security = .mTLS(
                certificateChain: [.bytes(Array(certificate.certificateChainPEM.utf8), format: .pem)],
                privateKey: .bytes(Array(certificate.privateKeyPEM.utf8), format: .pem)
            ) { $0.trustRoots = roots }
        } else {
            security = .tls { $0.trustRoots = roots }
        }
        return GRPCClient(
            transport: try .http2NIOPosix(
                target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: security))
    }
}
