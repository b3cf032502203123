package import FoundationEssentials
package import Logging
import MeshAPI
import MeshModel

/// Writes what a report changes, one report after the other. What an administrator takes from a node waits in the same line, so
/// that a report that is under way cannot bring it back.
package actor WorkloadReportWriter {
    private let store: any ResourceStore
    private let nodes: NodeDirectory
    private let now: @Sendable () -> Date
    private let logger: Logger
    private var last: Task<Void, Never>?

    /// Reads and writes `store`; `now` is the clock of conditions.
    package init(
        store: any ResourceStore, nodes: NodeDirectory, now: @escaping @Sendable () -> Date = { Date() }, logger: Logger
    ) {
        self.store = store
        self.nodes = nodes
        self.now = now
        self.logger = logger
    }

    /// What became of one workload of a report.
    struct Outcome: Sendable {
        /// Why it was refused, nil if it was taken.
        let refusal: String?
        /// How the node is to ask it.
        let probe: Ambit_Node_V1_Probe?
    }

    /// What became of each workload that `scope` of a node reports, by position. Throws where the store cannot be read, and
    /// where the node would have more than `limit` entries; a single entry that cannot be written is a refusal of that
    /// workload.
    func apply(
        _ workloads: [Ambit_Node_V1_Workload], of peer: NodePeer, scope: ReportScope, limit: Int
    ) async throws -> [Outcome] {
        try await inTurn { try await self.write(workloads, of: peer, scope: scope, limit: limit) }
    }

    /// Deletes the entries of `node` that it may not have any more: all, unless it is active, else those whose identity it is
    /// not granted. Returns how many there were. Throws where the store cannot be read, or one is still there.
    func withdraw(_ node: String) async throws -> Int {
        try await inTurn { try await self.deleteForbidden(of: node) }
    }

    /// The actor alone does not do: it is free for the next piece of work while this one waits for the store.
    private func inTurn<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let previous = last
        let work = Task { () throws -> Value in
            await previous?.value
            return try await body()
        }
        last = Task { _ = try? await work.value }
        return try await work.value
    }

    private func deleteForbidden(of node: String) async throws -> Int {
        let isActive = try await nodes.record(of: node)?.isActive ?? false
        var granted: [NodeGrant] = []
        if isActive { granted = try await nodes.grants(of: node) }
        let forbidden = try await store.list(kind: .workloadEntry, namespace: nil).resources.filter { entry in
            guard entry.metadata.labels[WorkloadEntryDocument.nodeLabel] == node else { return false }
            let account = entry.spec?["serviceAccount"]?.asString ?? Defaults.serviceAccount
            return !granted.contains { $0.covers(namespace: entry.metadata.namespace, serviceAccount: account) }
        }
        for entry in forbidden {
            do throws(StoreError) {
                try await store.delete(
                    .workloadEntry, namespace: entry.metadata.namespace, name: entry.metadata.name, expecting: nil)
            } catch {
                guard case .notFound = error else { throw error }
            }
        }
        return forbidden.count
    }

    private func write(
        _ workloads: [Ambit_Node_V1_Workload], of peer: NodePeer, scope: ReportScope, limit: Int
    ) async throws -> [Outcome] {
        // Its turn may have come late: the node may have been cut off since the report arrived.
        _ = try await nodes.admit(peer)
        let node = peer.name
        let granted = try await nodes.grants(of: node)
        let resources = try await store.list(kind: nil, namespace: nil).resources
        let entries = resources.filter { $0.kind == .workloadEntry }
        let others = entries.count {
            $0.metadata.labels[WorkloadEntryDocument.nodeLabel] == node && ReportScope(of: $0) != scope
        }
        guard others + workloads.count <= limit else {
            throw NodeRefusal(
                .limit,
                "\(workloads.count) workloads were reported beside \(others) of the node; a node may have \(limit)")
        }
        let plan = WorkloadReportPlan(
            workloads, node: node, scope: scope, grants: granted, entries: entries,
            groups: resources.filter { $0.kind == .workloadGroup }, taken: TakenAddresses(resources, except: node),
            time: now().ISO8601Format())
        var failures: [String: String] = [:]
        for entry in plan.creations {
            if let failure = await attempt({ _ = try await self.store.create(entry) }) {
                failures[entry.reference] = failure
            }
        }
        for entry in plan.updates {
            let failure = await attempt {
                _ = try await self.store.update(entry, expecting: entry.metadata.resourceVersion)
            }
            if let failure { failures[entry.reference] = failure }
        }
        for entry in plan.deletions {
            let failure = await attempt {
                _ = try await self.store.delete(
                    .workloadEntry, namespace: entry.metadata.namespace, name: entry.metadata.name,
                    expecting: entry.metadata.resourceVersion)
            }
            if let failure {
                logger.warning("WorkloadEntry \(entry.reference) of node \(node) is not deleted yet: \(failure)")
            }
        }
        return zip(workloads, zip(plan.refusals, plan.probes)).map { workload, planned in
            Outcome(
                refusal: planned.0 ?? failures["\(workload.namespace)/\(workload.name)"], probe: planned.1)
        }
    }

    /// Why `write` failed, in words for whoever enrolled the workload.
    private func attempt(_ write: () async throws -> Void) async -> String? {
        do {
            try await write()
            return nil
        } catch StoreError.notFound(.namespace, _, let name) {
            return "namespace \(name) does not exist; create it (`ambitctl apply` a Namespace), the node reports again"
        } catch {
            return "\(error)"
        }
    }
}
