package import LinuxSystem
import MeshModel
import MeshRuntime
package import MeshTelemetry

/// The mesh DNS of all workloads on a loop of its own: a flood of questions delays neither traffic nor control work.
package final class DNSService: NameServing {
    private final class Served {
        var workloads: [String: WorkloadDNS] = [:]
        let telemetry = DNSTelemetry()
    }

    private let thread: LoopThread
    private let state: NodeState
    private let configuration: NodeConfiguration
    private let upstream: ResolverConfiguration?
    private let log: NodeLog
    private let listeners: any ListenerSource
    private let served: LoopBound<Served>

    /// Starts the loop. Sockets come from `listeners`. Throws when the thread cannot be made.
    package init(
        state: NodeState, configuration: NodeConfiguration, upstream: ResolverConfiguration?, log: NodeLog,
        listeners: any ListenerSource = NewListeners()
    ) throws(Errno) {
        self.state = state
        self.configuration = configuration
        self.upstream = upstream
        self.log = log
        self.listeners = listeners
        let served = LoopBound(Served())
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
            sockets = try DNSSockets(workload, mark: plane.packetMark, ipv6: plane.ipv6, source: listeners)
        } catch {
            throw EnrolmentError(
                .failed,
                "the mesh DNS of \(workload.uid) cannot listen on port \(workload.place.host?.dnsPort ?? Ports.dns): \(error)",
                remedy: "free that port in the workload's network namespace, or set ISTIO_META_DNS_CAPTURE=false")
        }
        let resolvers = upstream ?? Self.resolvers(resolverFiles)
        let raws = sockets.release()
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
            dns.listen(DNSSockets(taking: raws))
        }
        guard isQueued else {
            _ = DNSSockets(taking: raws)
            throw EnrolmentError(.unavailable, "the mesh DNS is overloaded", remedy: "try again in a moment")
        }
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

    /// Ends the loop.
    package func stop() {
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
