import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// Plain HTTP on port 15014: `/metrics`, `/version`, `/healthz` and `/ready`, for Prometheus and load balancers.
package struct MetricsServer: ServiceLifecycle.Service {
    private let host: String
    private let port: Int
    private let version: String
    private let page: @Sendable () -> String
    private let gate: ConnectionGate
    private let logger: Logger

    /// A server of `page`, the metrics in Prometheus' text format.
    package init(
        host: String, port: Int, version: String, connections: ConnectionLimits = .metrics,
        metrics: ControlMetrics = ControlMetrics(), logger: Logger, page: @escaping @Sendable () -> String
    ) {
        gate = ConnectionGate("metrics", connections, metrics: metrics)
        self.host = host
        self.port = port
        self.version = version
        self.logger = logger
        self.page = page
    }

    /// Serves until graceful shutdown.
    package func run() async throws {
        let router = Router()
        router.get("metrics") { [page] _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: page())))
        }
        router.get("version") { [version] _, _ in version + "\n" }
        router.get("healthz") { _, _ in "ok\n" }
        router.get("ready") { _, _ in "ok\n" }
        var quiet = logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        let server = HTTPServerBuilder { [gate] responder in
            let http = HTTP1Channel(
                responder: responder, configuration: .init(idleTimeout: TimeAmount(gate.limits.idleDeadline)))
            return GuardedChannel(http, gate: gate, proof: .never)
        }
        let application = Application(
            router: router, server: server,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "ambitd"),
            logger: quiet)
        try await application.run()
    }
}
