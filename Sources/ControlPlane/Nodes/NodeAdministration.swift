package import Logging

/// What an administrator does to a node, with everything that follows from it, in the order that leaves no gap: first the record
/// (nothing new is admitted or issued), then the open streams, then what peers accept, then the endpoints.
///
/// Each step is repeated by `reconcile` at the start, so that an ambitd that was killed in between finishes it.
package struct NodeAdministration: Sendable {
    package let nodes: NodeDirectory
    private let writer: WorkloadReportWriter
    private let publisher: MeshPublisher
    private let registry: NodeRegistry
    private let metrics: ControlMetrics
    private let logger: Logger

    /// Takes what it shares with the services of nodes.
    package init(
        nodes: NodeDirectory, writer: WorkloadReportWriter, publisher: MeshPublisher, registry: NodeRegistry,
        metrics: ControlMetrics, logger: Logger
    ) {
        self.nodes = nodes
        self.writer = writer
        self.publisher = publisher
        self.registry = registry
        self.metrics = metrics
        self.logger = logger
    }

    /// Cuts a node off. Returns how many of its workloads left the endpoints.
    package func revoke(_ node: String, by user: String) async throws(NodeRefusal) -> Int {
        try await nodes.revoke(node)
        logger.notice("node \(node) was revoked by \(user)")
        return try await settle(node)
    }

    /// Cuts a node off and forgets it.
    package func delete(_ node: String, by user: String) async throws(NodeRefusal) -> Int {
        try await nodes.revoke(node)
        let count = try await settle(node)
        try await nodes.delete(node)
        registry.forget(node)
        logger.notice("node \(node) was deleted by \(user)")
        return count
    }

    /// Changes what a node may host; what it may not any more leaves the endpoints, and its certificates are revoked.
    package func change(
        grantsOf node: String, allow: [NodeGrant], disallow: [NodeGrant], by user: String
    ) async throws(NodeRefusal) -> [NodeGrant] {
        let grants = try await nodes.change(grantsOf: node, allow: allow, disallow: disallow)
        logger.notice(
            "node \(node): \(user) set its grants to \(grants.isEmpty ? "nothing" : grants.map(\.description).joined(separator: ", "))"
        )
        _ = try await settle(node)
        return grants
    }

    /// Makes everything follow from the record of `node`. Returns how many of its workloads left the endpoints.
    package func settle(_ node: String) async throws(NodeRefusal) -> Int {
        nodes.cutOffs.raise(node)
        try await refresh()
        do {
            return try await writer.withdraw(node)
        } catch {
            throw NodeRefusal(
                .unavailable,
                "node \(node) is cut off, but its workloads are still endpoints: \(error); repeat the command")
        }
    }

    /// Derives the revocations and publishes them if they changed.
    package func refresh() async throws(NodeRefusal) {
        let changed = try await nodes.refusing { () async throws(StoreError) in try await nodes.refreshRevocations() }
        metrics.set(.revokedCertificates, to: nodes.revocations.reduce(0) { $0 + $1.serials.count })
        if changed { publisher.revocationsChanged() }
        let records = try await nodes.refusing { () async throws(StoreError) in try await nodes.records() }
        metrics.set(.nodes, to: records.count(where: \.isActive), label: "standing", value: "active")
        metrics.set(.nodes, to: records.count { !$0.isActive }, label: "standing", value: "revoked")
    }

    /// Finishes what an earlier ambitd began, then keeps the revocations right until cancelled: certificates expire, and
    /// `ambitd issue-node` changes grants from outside.
    package func run() async {
        do {
            for record in try await nodes.records() where !record.isActive {
                _ = try await writer.withdraw(record.name)
            }
        } catch {
            logger.error("workloads of revoked nodes may still be endpoints: \(error); revoke them again")
        }
        while !Task.isCancelled {
            do throws(NodeRefusal) {
                try await refresh()
            } catch {
                logger.error("revocations cannot be derived: \(error); those that were published stay in force")
            }
            try? await Task.sleep(for: nodes.limits.refreshInterval)
        }
    }
}
