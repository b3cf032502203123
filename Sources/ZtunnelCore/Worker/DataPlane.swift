import LinuxSystem
import MeshRuntime
package import MeshTelemetry
import Synchronization

/// The data path of a node: its workers, and the workloads that they serve.
///
/// The control side owns it and calls it from any thread; what it asks is posted to the workers' loops. Completions run
/// once, on a worker's thread: a caller that needs its own thread goes there with `submit`.
package final class DataPlane: Sendable {
    private struct Running: Sendable {
        let thread: LoopThread
        let worker: LoopBound<Worker>
    }

    private struct Enrolled {
        var uids: Set<String> = []
        var isDraining = false
    }

    private let configuration: DataPlaneConfiguration
    private let sink: LogSink
    private let workers: [Running]
    private let enrolled = Mutex(Enrolled())

    /// Starts the workers' threads; lines go through `logger`, which writes to `sink`.
    /// They accept nothing until a workload is added.
    package init(
        configuration: DataPlaneConfiguration, state: NodeState, logger: Logger, sink: LogSink
    ) throws(DataPlaneError) {
        self.configuration = configuration
        self.sink = sink
        var workers: [Running] = []
        for index in 0..<max(1, configuration.workers) {
            do throws(Errno) {
                let thread = try LoopThread(name: "worker-\(index)")
                let worker = Worker(
                    loop: thread.loop, configuration: configuration, state: state,
                    log: WorkerLog(logger, policyInfo: configuration.policyInfoLogging),
                    seed: UInt64.random(in: .min ... .max))
                workers.append(Running(thread: thread, worker: LoopBound(worker)))
            } catch {
                throw DataPlaneError(.worker, "cannot start worker \(index): \(error)")
            }
        }
        self.workers = workers
        let running = workers
        state.observe {
            // A full queue loses nothing: a worker compares versions before each connection, too.
            for worker in running {
                _ = worker.thread.loop.submit { worker.worker.value.snapshotPublished() }
            }
        }
    }

    /// Workers.
    package var workerCount: Int { workers.count }

    /// Opens the workload's listeners in its network namespace and serves it on every worker, or fails and leaves nothing
    /// behind. The sockets are opened on the calling thread, which enters the namespace for that long.
    package func add(_ workload: LocalWorkload) throws(DataPlaneError) {
        try claim(workload.uid)
        do throws(DataPlaneError) {
            var sockets: [ListeningSockets] = []
            for _ in workers { sockets.append(try ListeningSockets(workload, configuration: configuration)) }
            for (running, sockets) in zip(workers, sockets) {
                guard running.thread.loop.submit({ running.worker.value.add(workload, sockets) }) else {
                    throw DataPlaneError(.worker, "the queue of a worker is full; try again")
                }
            }
        } catch {
            remove(workload.uid, mode: .immediate) {}
            throw error
        }
    }

    private func claim(_ uid: String) throws(DataPlaneError) {
        let problem = enrolled.withLock { enrolled -> DataPlaneError? in
            if enrolled.isDraining {
                return DataPlaneError(.draining, "this ztunnel is shutting down and takes no new workload")
            }
            guard enrolled.uids.insert(uid).inserted else {
                return DataPlaneError(.duplicate, "workload \(uid) is served already; remove it first")
            }
            return nil
        }
        if let problem { throw problem }
    }

    /// Stops serving a workload. `completion` is called when its last connection is gone; unknown uids are gone already.
    package func remove(_ uid: String, mode: StopMode, completion: @escaping @Sendable () -> Void) {
        _ = enrolled.withLock { $0.uids.remove(uid) }
        let gathering = Gathering<Void>(count: workers.count) { _ in completion() }
        for running in workers {
            let isQueued = running.thread.loop.submit {
                running.worker.value.remove(uid, mode: mode) { gathering.report(nil) }
            }
            if !isQueued { gathering.report(nil) }
        }
    }

    /// Stops everything (Z 2.9). `completion` is called when no connection is left, at the latest when the deadline has
    /// passed and the rest was cut.
    package func drain(_ mode: StopMode, completion: @escaping @Sendable () -> Void) {
        enrolled.withLock { $0.isDraining = true }
        let gathering = Gathering<Void>(count: workers.count) { _ in completion() }
        for running in workers {
            let isQueued = running.thread.loop.submit {
                running.worker.value.drain(mode) { gathering.report(nil) }
            }
            if !isQueued { gathering.report(nil) }
        }
    }

    /// All live connections, for the dump.
    package func connections(completion: @escaping @Sendable ([ConnectionSummary]) -> Void) {
        gather({ $0.summaries() }) { completion($0.flatMap(\.self)) }
    }

    /// A copy of each worker's counters, bytes of live connections included; `MetricsPage` sums them.
    package func metrics(completion: @escaping @Sendable ([MetricSnapshot]) -> Void) {
        // Every shard has a row for the log's counter, but only one of them may show its value.
        let first = workers.first?.worker
        let dropped = sink.droppedLines
        gather({ $0.metrics(droppedLines: $0 === first?.value ? dropped : 0) }, completion: completion)
    }

    /// Ends the workers' threads. Connections that still live are dropped with them; `drain` comes first.
    package func stop() {
        for running in workers { running.thread.stopAndJoin() }
    }

    /// Asks each worker for a value on its own thread.
    func gather<Value: Sendable>(
        _ read: @escaping @Sendable (Worker) -> Value, completion: @escaping @Sendable ([Value]) -> Void
    ) {
        let gathering = Gathering<Value>(count: workers.count, completion: completion)
        for running in workers {
            let isQueued = running.thread.loop.submit { gathering.report(read(running.worker.value)) }
            if !isQueued { gathering.report(nil) }
        }
    }
}
