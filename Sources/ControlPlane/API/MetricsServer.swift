import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// Plain HTTP on port 15014: `/metrics`, `/version`, `/healthz` and `/ready`, for Prometheus and load balancers.
package struct MetricsServer: ServiceLifecycle.Service {
    private let host: String
    private let port: Int
    private let version: String
    private let page: @Sendable () -> String
    private let logger: Logger

    /// A server of `page`, the metrics in Prometheus' text format.
    package init(host: String, port: Int, version: String, logger: Logger, page: @escaping @Sendable () -> String) {
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
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "ambitd"),
            logger: quiet)
        try await application.run()
    }
}
