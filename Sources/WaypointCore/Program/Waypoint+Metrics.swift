import HTTPWire
import MeshRuntime
import MeshTelemetry
import NodeCore

/// The page of metrics, on all addresses.
extension Waypoint {
    /// Opens the page. Where it cannot be opened the waypoint serves without: requests matter more.
    func openMetrics() {
        let number = configuration.metricsPort ?? port &+ WaypointConfiguration.metricsDistance
        guard number != 0 else { return }
        let server = HTTP1Server(loop: loop) { [weak self] request, reply in self?.metrics(request, reply) }
        do throws(ListeningPages.Failure) {
            try pages.everywhere(server, port: number, ipv6: configuration.ipv6, name: "metrics (AMBIT_METRICS_PORT)")
            metricsPage = server
        } catch {
            NodeLog(logger, "app")(.warn, "\(error); it serves without metrics")
        }
    }

    private func metrics(_ request: HTTP1Request, _ reply: @escaping (HTTP1Response) -> Void) {
        guard request.path == "/stats/prometheus" || request.path == "/metrics" else {
            return reply(.notFound(request.path))
        }
        guard request.method == "GET" || request.method == "HEAD" else { return reply(.methodNotAllowed("GET")) }
        let format = MetricsFormat(accept: request.fields.first("accept"))
        let answer = LoopBound(reply)
        let gathering = Gathering<MetricSnapshot>(count: workers.count) { [loop] shards in
            loop.submitAlways {
                answer.value(HTTP1Response(type: format.contentType, MetricsText.render([shards], format: format)))
            }
        }
        for (worker, thread) in zip(workers, threads) {
            let isQueued = thread.loop.submit { gathering.report(worker.value.metrics()) }
            if !isQueued { gathering.report(nil) }
        }
    }
}
