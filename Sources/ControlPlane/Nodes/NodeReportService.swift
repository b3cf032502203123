package import GRPCCore
package import Logging
package import MeshAPI
import MeshModel

/// Takes nodes' reports of the workloads that they host: `/ambit.node.v1.NodeService/ReportWorkloads`, and of each waypoint
/// that runs there: `ReportWaypoint`.
///
/// The report becomes WorkloadEntries in the store; one report is worked on at a time, so that two nodes cannot take one address
/// at the same moment.
package struct NodeReportService: Sendable {
    /// The request message on the wire.
    package typealias Request = Ambit_Node_V1_ReportWorkloadsRequest
    /// What a waypoint sends.
    package typealias WaypointRequest = Ambit_Node_V1_ReportWaypointRequest
    /// The response message on the wire.
    package typealias Response = Ambit_Node_V1_ReportWorkloadsResponse

    private let writer: WorkloadReportWriter
    private let nodes: NodeDirectory
    private let registry: NodeRegistry
    private let metrics: ControlMetrics
    private let limits: DiscoveryLimits
    private let trustDomain: String
    private let logger: Logger

    /// Takes what it shares with the other services.
    package init(
        writer: WorkloadReportWriter, nodes: NodeDirectory, registry: NodeRegistry, metrics: ControlMetrics,
        limits: DiscoveryLimits, trustDomain: String, logger: Logger
    ) {
        self.writer = writer
        self.nodes = nodes
        self.registry = registry
        self.metrics = metrics
        self.limits = limits
        self.trustDomain = trustDomain
        self.logger = logger
    }

    /// Answers one report: one result for each workload, in order.
    package func reportWorkloads(
        request: ServerRequest<Request>, context: ServerContext
    ) async throws -> ServerResponse<Response> {
        try await answer(request.message.workloads, of: request.message.node, scope: .workloads, context)
    }

    /// Answers a waypoint's report of itself: one result, none where it leaves.
    package func reportWaypoint(
        request: ServerRequest<WaypointRequest>, context: ServerContext
    ) async throws -> ServerResponse<Response> {
        let message = request.message
        guard let scope = ReportScope(waypoint: message.waypoint) else {
            throw RPCError(
                code: .invalidArgument, message: "waypoint \"\(message.waypoint)\" is not namespace/name of a Service")
        }
        return try await answer(
            message.hasWorkload ? [message.workload] : [], of: message.node, scope: scope, context)
    }

    private func answer(
        _ workloads: [Ambit_Node_V1_Workload], of node: String, scope: ReportScope, _ context: ServerContext
    ) async throws -> ServerResponse<Response> {
        let peer = try await NodePeer.admitted(
            context, trustDomain: trustDomain, nodes: nodes, metrics: metrics, logger: logger, what: "report")
        registry.seen(peer.name)
        guard node.isEmpty || node == peer.name else {
            throw refuse(
                peer, .permissionDenied, "name",
                "node \(peer.name) reported for \(node); start the node with NODE_NAME=\(peer.name), or with \(node)'s "
                    + "certificate")
        }
        let outcomes: [WorkloadReportWriter.Outcome]
        do {
            outcomes = try await writer.apply(workloads, of: peer, scope: scope, limit: limits.workloadsPerNode)
        } catch let refusal as NodeRefusal {
            throw refuse(peer, refusal.rpcError.code, refusal.code.rawValue, refusal.message)
        } catch {
            throw refuse(
                peer, .unavailable, "store", "the report of node \(peer.name) cannot be stored now: \(error)")
        }
        var response = Response()
        response.results = zip(workloads, outcomes).map { workload, outcome in
            var result = Ambit_Node_V1_WorkloadResult()
            result.namespace = workload.namespace
            result.name = workload.name
            result.error = outcome.refusal ?? ""
            if let probe = outcome.probe { result.probe = probe }
            if let refusal = outcome.refusal {
                metrics.add(.refusals, label: "reason", value: "workload")
                registry.recordRefusal(
                    node: peer.name, reason: "workload \(workload.namespace)/\(workload.name): \(refusal)")
                logger.warning(
                    "node \(peer.name): workload \(workload.namespace)/\(workload.name) refused: \(refusal)")
            }
            return result
        }
        return ServerResponse(message: response)
    }

    private func refuse(_ peer: NodePeer, _ code: RPCError.Code, _ reason: String, _ message: String) -> RPCError {
        metrics.add(.refusals, label: "reason", value: reason)
        registry.recordRefusal(node: peer.name, reason: message)
        logger.warning("report refused to node \(peer.name): \(message)")
        return RPCError(code: code, message: message)
    }
}
