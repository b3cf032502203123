import MeshModel
import MeshPolicy

/// The clusters that one worker has sent anything to. Confined to its loop.
final class WorkerClusters {
    private unowned let worker: WaypointWorker
    /// The generation of the worker's routing: a look at the worker itself counts references.
    private var generation: UInt64
    private var known: [ClusterKey: WorkerCluster] = [:]
    /// The one that was asked for last.
    private var last: WorkerCluster?

    init(_ worker: WaypointWorker) {
        self.worker = worker
        generation = worker.generation
    }

    /// The cluster of a key as it is now; nil where service, port or subset are gone.
    func cluster(_ key: ClusterKey) -> WorkerCluster? {
        if let last, last.generation == generation, last.cluster.key == key { return last }
        let found = known[key]
        if let found, found.generation == generation {
            last = found
            return found
        }
        guard let cluster = worker.routing.clusters.cluster(key) else {
            found?.close()
            known[key] = nil
            return nil
        }
        return take(cluster, found)
    }

    /// The cluster of a workload that was asked for by its own address.
    func direct(_ workload: Workload, port: UInt16) -> WorkerCluster {
        let cluster = Cluster.direct(to: workload, port: port)
        let found = known[cluster.key]
        if let found, found.generation == generation { return found }
        return take(cluster, found)
    }

    private func take(_ cluster: Cluster, _ found: WorkerCluster?) -> WorkerCluster {
        if let found {
            found.replace(cluster)
            return found
        }
        let made = WorkerCluster(cluster, worker: worker)
        known[cluster.key] = made
        return made
    }

    /// The worker's routing is a new one. Forgets clusters on which nothing is open: those of configuration that is gone are among them.
    func renew() {
        generation = worker.generation
        last = nil
        for (key, cluster) in known where cluster.isUnused {
            cluster.close()
            known[key] = nil
        }
    }

    func closeAll() {
        for cluster in known.values { cluster.close() }
        known = [:]
        last = nil
    }
}
