import HTTPWire
package import MeshRuntime
package import MeshTelemetry

/// The pages of port 15000 (Z 8.3). Confined to the control loop; only loopback addresses reach them.
package struct AdminPages {
    private let logger: Logger
    private let initialFilter: LogFilter
    private let dump: (_ reply: @escaping (ConfigDump) -> Void) -> Void
    private let quit: () -> Void

    /// `dump` gathers what `/config_dump` shows; `quit` begins the graceful end.
    package init(
        logger: Logger, dump: @escaping (_ reply: @escaping (ConfigDump) -> Void) -> Void, quit: @escaping () -> Void
    ) {
        self.logger = logger
        initialFilter = logger.currentFilter
        self.dump = dump
        self.quit = quit
    }

    /// Answers one request.
    package func answer(_ request: HTTP1Request, _ reply: @escaping (HTTP1Response) -> Void) {
        // A page in a browser of this host must not reach these: it would come with its own name (DNS rebinding).
        guard Self.isLocal(request.fields.first("host")) else {
            return reply(HTTP1Response(status: 403, "ask for localhost, 127.0.0.1 or [::1]\n"))
        }
        // Nor may a page of elsewhere send a form to localhost; browsers say where a POST comes from.
        guard request.method != "POST" || request.fields.first("origin") == nil else {
            return reply(HTTP1Response(status: 403, "not from a browser\n"))
        }
        let isRead = request.method == "GET" || request.method == "HEAD"
        switch request.path {
        case "/": reply(isRead ? Self.index : .methodNotAllowed("GET"))
        case "/config_dump":
            guard isRead else { return reply(.methodNotAllowed("GET")) }
            dump { reply(HTTP1Response(type: "application/json", $0.json)) }
        case "/logging":
            reply(request.method == "POST" ? logging(request) : .methodNotAllowed("POST", Self.loggingHelp))
        case "/quitquitquit":
            guard request.method == "POST" else { return reply(.methodNotAllowed("POST")) }
            reply(HTTP1Response("shutdown now\n"))
            quit()
        default: reply(.notFound(request.path))
        }
    }

    private func logging(_ request: HTTP1Request) -> HTTP1Response {
        var filter = request.parameter("reset") == "true" ? initialFilter : logger.currentFilter
        if let directive = request.parameter("level") {
            do throws(LogFilterError) {
                filter = try LogFilter(directive.replacing(":", with: "="), base: filter)
            } catch {
                return HTTP1Response(status: 400, "\(error)\n\(Self.loggingHelp)")
            }
        }
        logger.setFilter(filter)
        return HTTP1Response("current log level is \(logger.currentFilter)\n")
    }

    private static func isLocal(_ host: String?) -> Bool {
        guard let host else { return true }
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return ["localhost", "127.0.0.1", "[::1]"].contains(String(name))
    }

    private static let loggingHelp = """
        usage: POST /logging                                  (shows the level in force)
               POST /logging?level=LEVEL                      (for all targets)
               POST /logging?level=TARGET=LEVEL,TARGET=LEVEL  (for single targets, such as access or dns)
               POST /logging?reset=true                       (as it was at the start)
        LEVEL is one of trace, debug, info, warn, error, off

        """

    private static let index = HTTP1Response(
        type: "text/html; charset=utf-8",
        """
        <!DOCTYPE html>
        <html lang="en"><head><title>ztunnel</title></head><body><h1>ztunnel</h1><ul>
        <li><a href="/config_dump">/config_dump</a>: what this node knows of the mesh, its certificates and connections</li>
        <li>POST /logging: show or change the log level</li>
        <li>POST /quitquitquit: finish the open connections and end</li>
        </ul></body></html>

        """)
}
