import HTTPWire
package import LinuxSystem
import MeshModel
package import MeshRuntime
package import MeshTelemetry
package import NodeCore

/// The mesh DNS of all workloads on a loop of its own: a flood of questions delays neither traffic nor control work.
package final class DNSService: NameServing {
    private final class Served {
        var workloads: [String: WorkloadDNS] = [:]
        var isAccepting: Bool
        let telemetry = DNSTelemetry()

        init(isAccepting: Bool) { self.isAccepting = isAccepting }
    }

    /// How often a drain looks whether all questions are answered.
    private static let drainInterval: Duration = .milliseconds(20)

    private let thread: LoopThread
    private let state: NodeState
    private let configuration: NodeConfiguration
    private let upstream: ResolverConfiguration?
    private let log: NodeLog
    private let sockets: SocketStore
    private let served: LoopBound<Served>

    /// Starts the loop. Throws when the thread cannot be made. Sockets come from `sockets`; nothing is answered until
    /// `accept`, unless `isAccepting`.
    package init(
        state: NodeState, configuration: NodeConfiguration, upstream: ResolverConfiguration?, log: NodeLog,
        sockets: SocketStore = SocketStore(), isAccepting: Bool = true
    ) throws(Errno) {
        self.state = state
        self.configuration = configuration
        self.upstream = upstream
        self.log = log
        self.sockets = sockets
        let served = LoopBound(Served(isAccepting: isAccepting))
        self.served = served
        let thread = try LoopThread(name: "dns")
        self.thread = thread
        state.observe {
            // A full queue only means that a later snapshot brings the news.
            _ = thread.loop.submit {
                for workload in served.value.workloads.values { workload.snapshotChanged() }
            }
        }
    }

    package func add(_ workload: LocalWorkload, resolverFiles: [String]) throws(EnrolmentError) {
        let plane = configuration.dataPlane
        let sockets: DNSSockets
        do throws(Errno) {
            sockets = try DNSSockets(workload, mark: plane.packetMark, ipv6: plane.ipv6, from: self.sockets)
        } catch {
            throw EnrolmentError(
                .failed,
                "the mesh DNS of \(workload.uid) cannot listen on port \(workload.place.host?.dnsPort ?? Ports.dns): \(error)",
                remedy: "free that port in the workload's network namespace, or set ISTIO_META_DNS_CAPTURE=false")
        }
        let resolvers = upstream ?? Self.resolvers(resolverFiles)
        let settings = DNSSettings(
            clusterDomain: configuration.clusterDomain, isIPv6Enabled: plane.ipv6,
            preferredNamespace: configuration.preferredServiceNamespace)
        let isQueued = thread.loop.submit { [self] in
            let forwarder = DNSForwarder(
                loop: thread.loop, namespace: workload.place.networkNamespace, mark: plane.packetMark,
                resolvers: resolvers)
            let served = served.value
            let dns = WorkloadDNS(
                loop: thread.loop, workload: workload, state: state, node: configuration.nodeName, settings: settings,
                forwarder: forwarder, telemetry: served.telemetry, log: log)
            served.workloads.removeValue(forKey: workload.uid)?.close()
            served.workloads[workload.uid] = dns
            dns.take(sockets)
            if served.isAccepting { dns.listen() }
        }
        guard isQueued else {
            throw EnrolmentError(.unavailable, "the mesh DNS is overloaded", remedy: "try again in a moment")
        }
    }

    /// Begins to answer for all workloads. Called once, by a process that was readied beside another one.
    package func accept() {
        thread.loop.submitAlways { [served] in
            served.value.isAccepting = true
            for workload in served.value.workloads.values { workload.listen() }
        }
    }

    /// Takes no more questions; `completion` runs on the DNS loop when those that were taken are answered, at the latest
    /// after `deadline`.
    package func drain(deadline: Duration, completion: @escaping @Sendable () -> Void) {
        thread.loop.submitAlways { [served, loop = thread.loop] in
            for workload in served.value.workloads.values { workload.drain() }
            Self.waitForQuiet(served, loop, loop.now + deadline, completion)
        }
    }

    private static func waitForQuiet(
        _ served: LoopBound<Served>, _ loop: EventLoop, _ end: MonotonicTime,
        _ completion: @escaping @Sendable () -> Void
    ) {
        guard loop.now < end, served.value.workloads.values.contains(where: { !$0.isQuiet }) else {
            return completion()
        }
        loop.schedule(after: drainInterval) { waitForQuiet(served, loop, end, completion) }
    }

    package func remove(_ uid: String) {
        _ = thread.loop.submit { [served] in
            served.value.workloads.removeValue(forKey: uid)?.close()
        }
    }

    /// The counters, for the metrics page; `completion` runs on the DNS loop.
    package func collectMetrics(_ completion: @escaping @Sendable (MetricSnapshot?) -> Void) {
        let isQueued = thread.loop.submit { [served] in
            completion(served.value.telemetry.snapshot(now: SystemClock.unixSeconds))
        }
        if !isQueued { completion(nil) }
    }

    /// Its loop, for the watchdog.
    package var loop: EventLoop { thread.loop }

    /// Closes every socket and ends the loop.
    package func stop() {
        thread.loop.submitAlways { [served] in
            for workload in served.value.workloads.values { workload.close() }
            served.value.workloads = [:]
        }
        thread.stopAndJoin()
    }

    private static func resolvers(_ files: [String]) -> ResolverConfiguration {
        for file in files {
            guard let bytes = try? StateDirectory.readFile(file) else { continue }
            return ResolverConfiguration(resolvConf: String(decoding: bytes, as: UTF8.self))
        }
        return ResolverConfiguration(servers: [])
    }
}
