import FoundationEssentials
import Logging
import MeshAPI
import MeshModel

/// Writes what a report changes, one report after the other.
actor WorkloadReportWriter {
    private let store: any ResourceStore
    private let grants: any NodeGrants
    private let now: @Sendable () -> Date
    private let logger: Logger
    private var last: Task<Void, Never>?

    init(store: any ResourceStore, grants: any NodeGrants, now: @escaping @Sendable () -> Date, logger: Logger) {
        self.store = store
        self.grants = grants
        self.now = now
        self.logger = logger
    }

    /// Why each workload was refused, by position. Throws where the store cannot be read; a single entry that cannot be
    /// written is a refusal of that workload.
    func apply(_ workloads: [Ambit_Node_V1_Workload], node: String) async throws -> [String?] {
        // The actor alone does not do: it is free for the next report while this one waits for the store.
        let previous = last
        let work = Task { () throws -> [String?] in
            await previous?.value
            return try await self.write(workloads, node: node)
        }
        last = Task { _ = try? await work.value }
        return try await work.value
    }

    private func write(_ workloads: [Ambit_Node_V1_Workload], node: String) async throws -> [String?] {
        let granted = try await grants.grants(of: node)
        let entries = try await store.list(kind: .workloadEntry, namespace: nil).resources
        let plan = WorkloadReportPlan(
            workloads, node: node, grants: granted, entries: entries, time: now().ISO8601Format())
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
        return zip(workloads, plan.refusals).map { workload, refusal in
            refusal ?? failures["\(workload.namespace)/\(workload.name)"]
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
