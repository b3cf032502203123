import LinuxSystem
package import MeshRuntime
package import MeshTelemetry
package import NodeCore
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
        var host = HostWorkloads()
        var isDraining = false
    }

    private let configuration: DataPlaneConfiguration
    private let sink: LogSink
    private let sockets: SocketStore
    private let workers: [Running]
    /// Held from a claim to the orders that follow from it, so that every worker hears of the first and the last workload of
    /// the host in the order in which they were.
    private let enrolled = Mutex(Enrolled())

    /// Starts the workers' threads; lines go through `logger`, which writes to `sink`.
    /// Listening sockets come from `sockets`. Nothing is accepted until `accept`, unless `isAccepting`. `holdsHost`: what the
    /// workloads of the host share waits for `acceptForHost`.
    package init(
        configuration: DataPlaneConfiguration, state: NodeState, logger: Logger, sink: LogSink,
        sockets: SocketStore = SocketStore(), isAccepting: Bool = true, holdsHost: Bool = false
    ) throws(DataPlaneError) {
        self.configuration = configuration
        self.sink = sink
        self.sockets = sockets
        var workers: [Running] = []
        for index in 0..<max(1, configuration.workers) {
            do throws(Errno) {
                let thread = try LoopThread(name: "worker-\(index)")
                let worker = Worker(
                    loop: thread.loop, configuration: configuration, state: state,
                    log: WorkerLog(logger, policyInfo: configuration.policyInfoLogging),
                    seed: UInt64.random(in: .min ... .max), isAccepting: isAccepting, holdsHost: holdsHost)
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

    /// Begins to accept on the listeners of all workloads. Called once, by a process that was readied beside another one.
    package func accept() {
        for running in workers { running.thread.loop.submitAlways { running.worker.value.accept() } }
    }

    /// Begins to accept what arrives for the workloads of the host, which share their listeners: after a restart, when all of
    /// them have been added. Before, a connection that means the second one would be refused by a node that knows the first.
    /// Again without effect.
    package func acceptForHost() {
        for running in workers { running.thread.loop.submitAlways { running.worker.value.acceptForHost() } }
    }

    /// Opens the workload's listeners where its place is and serves it on every worker, or fails and leaves nothing behind. The
    /// first workload of the host opens what all of them share (15006, 15008). The sockets are opened on the calling thread,
    /// which enters the workload's network namespace for that long.
    package func add(_ workload: LocalWorkload) throws(DataPlaneError) {
        let failure = enrolled.withLock { enrolled -> DataPlaneError? in
            let before = enrolled.host
            do throws(DataPlaneError) {
                try Self.claim(workload, &enrolled)
            } catch {
                return error
            }
            do throws(DataPlaneError) {
                try start(workload, sharing: before.isEmpty, host: enrolled.host)
                return nil
            } catch {
                enrolled.uids.remove(workload.uid)
                enrolled.host = before
                // Workers that have begun stop again; the others do not know it.
                _ = stop(workload.uid, host: before, .immediate) {}
                return error
            }
        }
        if let failure { throw failure }
    }

    private static func claim(_ workload: LocalWorkload, _ enrolled: inout Enrolled) throws(DataPlaneError) {
        if enrolled.isDraining {
            throw DataPlaneError(.draining, "this ztunnel is shutting down and takes no new workload")
        }
        guard !enrolled.uids.contains(workload.uid) else {
            throw DataPlaneError(.duplicate, "workload \(workload.uid) is served already; remove it first")
        }
        if let place = workload.place.host { try enrolled.host.insert(workload, at: place) }
        enrolled.uids.insert(workload.uid)
    }

    private func start(
        _ workload: LocalWorkload, sharing opensShared: Bool, host: HostWorkloads
    ) throws(DataPlaneError) {
        var opened: [(own: ListeningSockets, change: HostChange?)] = []
        for _ in workers {
            let own = try ListeningSockets(workload, configuration: configuration, store: sockets)
            guard workload.place.host != nil else {
                opened.append((own, nil))
                continue
            }
            let shared =
                opensShared
                ? try InboundSockets(nil, configuration: configuration, store: sockets) : nil
            opened.append((own, HostChange(workloads: host, sockets: shared)))
        }
        for (running, sockets) in zip(workers, opened) {
            guard
                running.thread.loop.submit({
                    running.worker.value.add(workload, sockets.own, host: sockets.change)
                })
            else { throw DataPlaneError(.worker, "the queue of a worker is full; try again") }
        }
    }

    /// Gives a served workload of the host other ports. No connection is broken: those to ports that it no longer has go on.
    package func update(_ uid: String, ports: Set<UInt16>) throws(DataPlaneError) {
        let failure = enrolled.withLock { enrolled -> DataPlaneError? in
            guard let workload = enrolled.host.workload(uid), var place = workload.place.host else {
                return DataPlaneError(
                    .unknownWorkload,
                    "workload \(uid) is not served on this host; enrol it before its ports are changed")
            }
            place.ports = ports
            let updated = workload.moved(to: place)
            do throws(DataPlaneError) {
                try enrolled.host.insert(updated, at: place)
            } catch {
                return error
            }
            let host = enrolled.host
            for running in workers {
                guard running.thread.loop.submit({ running.worker.value.update(updated, host: host) }) else {
                    return DataPlaneError(.worker, "the queue of a worker is full; try again")
                }
            }
            return nil
        }
        if let failure { throw failure }
    }

    /// Stops serving a workload. `completion` is called when its last connection is gone; unknown uids are gone already.
    package func remove(_ uid: String, mode: StopMode, completion: @escaping @Sendable () -> Void) {
        let unheard = enrolled.withLock { enrolled in
            enrolled.uids.remove(uid)
            enrolled.host.remove(uid)
            return stop(uid, host: enrolled.host, mode, completion: completion)
        }
        unheard()
    }

    /// Orders every worker to stop serving a workload. What is returned reports for those whose queue is full, outside of the
    /// lock, since `completion` may call this object.
    private func stop(
        _ uid: String, host: HostWorkloads, _ mode: StopMode, completion: @escaping @Sendable () -> Void
    ) -> () -> Void {
        let gathering = Gathering<Void>(count: workers.count) { _ in completion() }
        var unheard = 0
        for running in workers {
            let isQueued = running.thread.loop.submit {
                running.worker.value.remove(uid, host: host, mode: mode) { gathering.report(nil) }
            }
            if !isQueued { unheard += 1 }
        }
        return { for _ in 0..<unheard { gathering.report(nil) } }
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

    /// How many connections live.
    package func connectionCount(completion: @escaping @Sendable (Int) -> Void) {
        gather({ $0.connectionCount }) { completion($0.reduce(0, +)) }
    }

    /// Cuts what a drain has left.
    package func cut() {
        for running in workers { _ = running.thread.loop.submit { running.worker.value.cut() } }
    }

    /// The workers' loops, for the watchdog.
    package var loops: [EventLoop] { workers.map(\.thread.loop) }

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
