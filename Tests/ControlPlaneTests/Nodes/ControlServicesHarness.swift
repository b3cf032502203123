import ControlPlane
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import Logging
import MeshAPI
import MeshModel
import SwiftProtobuf

/// The whole gRPC side on a store, as `ambitd` composes it.
struct ControlServicesHarness: Sendable {
    let base: ControlServerHarness
    let store: any ResourceStore
    let services: ControlServices

    /// With the state of `directory`: its CA and, if `isDurable`, its database.
    init(directory: TemporaryDirectory? = nil, isDurable: Bool = false, nodeLifetime: TimeInterval? = nil) throws {
        base = try ControlServerHarness(directory: directory ?? TemporaryDirectory(), nodeLifetime: nodeLifetime)
        store = try SQLiteStore(path: isDurable ? base.directory.path + "/ambit.db" : nil)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var configuration = ControlConfiguration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        configuration.version = "test"
        configuration.limits.quietPeriod = .milliseconds(1)
        services = try ControlServices(
            store: store, authority: base.authority,
            certificates: ServerCertificateSource(authority: base.authority, names: ["127.0.0.1"], logger: logger),
            configuration: configuration, logger: logger)
    }

    func run(_ body: @Sendable (Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await services.run() }
            defer {
                services.stop()
                group.cancelAll()
            }
            try await body(try await services.port)
        }
    }

    func apply(_ resources: Resource...) async throws {
        for resource in resources { _ = try await store.create(resource) }
    }

    func grant(_ grants: [String], to node: String = "host-a") async throws {
        let text = grants.compactMap { NodeGrant($0)?.description }.map { $0 + "\n" }.joined()
        try await store.put(setting: StoredNodeGrants.keyPrefix + node, value: Array(text.utf8))
    }

    /// A certificate of a node that is known, with the grants that it has.
    func node(_ name: String) async throws -> IssuedCertificate {
        let nodes = NodeDirectory(store: store)
        let issued = try base.authority.issueNodeCertificate(node: name)
        try await nodes.add(
            name, certificate: issued.held, grants: try await nodes.grants(of: name), origin: "a test")
        return issued
    }

    static func workload(_ name: String = "web-1", addresses: [String] = ["10.0.0.1"]) -> Ambit_Node_V1_Workload {
        var workload = Ambit_Node_V1_Workload()
        workload.name = name
        workload.namespace = "shop"
        workload.serviceAccount = "web"
        workload.addresses = addresses
        workload.labels = ["app": "web"]
        workload.ports = ["http": 8080]
        workload.healthy = true
        return workload
    }

    /// Reports and returns the error of each workload, empty for those that were taken.
    func report(
        _ workloads: [Ambit_Node_V1_Workload], port: Int, node: String = "host-a", as name: String? = nil,
        with shown: IssuedCertificate? = nil
    ) async throws -> [String] {
        var request = NodeReportService.Request()
        request.node = name ?? node
        request.workloads = workloads
        return try await call("ReportWorkloads", request, port: port, node: node, with: shown)
    }

    /// As the waypoint `waypoint` of a node reports itself; nil: it has left.
    func report(
        waypoint: String, _ workload: Ambit_Node_V1_Workload?, port: Int, node: String = "host-a"
    ) async throws -> [String] {
        var request = NodeReportService.WaypointRequest()
        request.node = node
        request.waypoint = waypoint
        if let workload { request.workload = workload }
        return try await call("ReportWaypoint", request, port: port, node: node, with: nil)
    }

    private func call<Request: SwiftProtobuf.Message>(
        _ method: String, _ request: Request, port: Int, node: String, with shown: IssuedCertificate?
    ) async throws -> [String] {
        let certificate = if let shown { shown } else { try await self.node(node) }
        let client = try base.client(port: port, certificate: certificate)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.runConnections() }
            defer { group.cancelAll() }
            let response = try await client.unary(
                request: ClientRequest(message: request),
                descriptor: MethodDescriptor(fullyQualifiedService: "ambit.node.v1.NodeService", method: method),
                serializer: ProtobufSerializer<Request>(),
                deserializer: ProtobufDeserializer<NodeReportService.Response>(), options: .defaults
            ) { try $0.message }
            client.beginGracefulShutdown()
            return response.results.map(\.error)
        }
    }

    func entries() async throws -> [Resource] {
        try await store.list(kind: .workloadEntry, namespace: nil).resources
    }
}

extension IssuedCertificate {
    /// As a node's record holds it.
    var held: NodeRecord.HeldCertificate {
        NodeRecord.HeldCertificate(serial: serialNumber, notAfter: Int64(notAfter.timeIntervalSince1970))
    }
}
