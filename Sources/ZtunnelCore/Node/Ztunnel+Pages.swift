import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// The program's own pages: admin, metrics, readiness, and the control socket.
extension Ztunnel {
    func openPages() throws {
        let admin = AdminPages(
            logger: logger, dump: { [weak self] reply in self?.dump(reply) },
            quit: { [weak self] in self?.drain("/quitquitquit") })
        try pages.loopback(
            serve(admin.answer), port: configuration.adminPort, name: "admin (AMBIT_ADMIN_PORT)")
        let ipv6 = configuration.dataPlane.ipv6
        try pages.everywhere(
            serve { [weak self] in self?.metrics($0, $1) }, port: configuration.metricsPort, ipv6: ipv6,
            name: "metrics (AMBIT_METRICS_PORT)")
        try pages.everywhere(
            serve { [weak self] in self?.ready($0, $1) }, port: configuration.readinessPort, ipv6: ipv6,
            name: "readiness (AMBIT_READINESS_PORT)")
        guard dedicated == nil else { return }
        _ = try StateDirectory(configuration.runDirectory)
        let control = ControlPages(enrolments: enrolments, drains: drains) {
            [store, state, configuration, health, weak reporter] status in
            let record = status.record
            let certificate = store.status(of: record.identity(trustDomain: configuration.trustDomain))
            let known = state.snapshot.workload(
                namespace: record.namespace, name: record.name, serviceAccount: record.serviceAccount,
                node: configuration.nodeName)
            return EnrolmentJSON(
                status: status, certificate: certificate?.state ?? "Initializing", isKnownToControlPlane: known != nil,
                refusal: reporter?.refusals[record.uid], health: health.state(record.uid))
        }
        try pages.unix(serve(control.answer), path: controlSocket)
    }

    /// Every workload of this node, by whatever way it came.
    var statuses: [EnrolmentStatus] {
        (dedicated.map { [$0.status] } ?? []) + enrolments.statuses + (zdsWorkloads?.statuses ?? [])
    }

    private func serve(_ handler: @escaping HTTP1Server.Handler) -> HTTP1Server {
        let server = HTTP1Server(loop: loop, handler: handler)
        servers.append(server)
        return server
    }

    private func dump(_ reply: @escaping (ConfigDump) -> Void) {
        let home = LoopBound(self)
        let answer = LoopBound(reply)
        dataPlane.connections { [loop] connections in
            loop.submitAlways {
                let node = home.value
                answer.value(
                    ConfigDump(
                        snapshot: node.state.snapshot, certificates: node.store.statuses(),
                        enrolments: node.statuses,
                        connections: connections, configuration: node.configuration, version: Self.version))
            }
        }
    }

    private func ready(_ request: HTTP1Request, _ reply: (HTTP1Response) -> Void) {
        guard request.path == "/healthz/ready" else { return reply(.notFound(request.path)) }
        guard request.method == "GET" || request.method == "HEAD" else { return reply(.methodNotAllowed("GET")) }
        reply(HTTP1Response(status: readiness.isReady ? 200 : 500, readiness.text))
    }

    private func metrics(_ request: HTTP1Request, _ reply: @escaping (HTTP1Response) -> Void) {
        guard request.path == "/metrics" || request.path == "/stats/prometheus" else {
            return reply(.notFound(request.path))
        }
        guard request.method == "GET" || request.method == "HEAD" else { return reply(.methodNotAllowed("GET")) }
        let format = MetricsFormat(accept: request.fields.first("accept"))
        let home = LoopBound(self)
        let answer = LoopBound(reply)
        dataPlane.metrics { [loop, names, probes, prober] workers in
            let finish: @Sendable (MetricSnapshot?, ProbeRunner.Counters) -> Void = { resolver, asked in
                loop.submitAlways {
                    let node = home.value
                    let parts = [workers, resolver.map { [$0] } ?? [], [node.counted(asked)]]
                    answer.value(HTTP1Response(type: format.contentType, MetricsText.render(parts, format: format)))
                }
            }
            let ask: @Sendable (MetricSnapshot?) -> Void = { resolver in
                let isQueued = probes.loop.submit { finish(resolver, prober.value.counted) }
                if !isQueued { finish(resolver, ProbeRunner.Counters()) }
            }
            if let names { names.collectMetrics(ask) } else { ask(nil) }
        }
    }

    private func counted(_ probes: ProbeRunner.Counters) -> MetricSnapshot {
        var metrics = NodeMetrics()
        metrics.tag = configuration.istioVersion
        metrics.enrolments = enrolments.counters
        if dedicated != nil { metrics.enrolments.active += 1 }
        metrics.agent = zds?.counters
        metrics.health = health.counters
        metrics.probes = probes
        metrics.certificates = renewal.counters
        metrics.statuses = store.statuses()
        metrics.nodeCertificate = nodeCertificate?.status ?? NodeCertificateRenewal.Status()
        metrics.discovery = discovery?.counters ?? DiscoveryClient.Counters()
        metrics.sockets = sockets.counters
        metrics.drainingGenerations = upgrades.generations.count
        metrics.drainingConnections = upgrades.generations.reduce(0) { $0 + $1.connections }
        metrics.isConnected = discovery?.isConnected ?? false
        for kind in DiscoveryKind.ztunnel { metrics.resources[kind.typeURL] = resources.count(kind) }
        return metrics.snapshot(now: SystemClock.unixSeconds)
    }
}
