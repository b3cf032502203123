extension GatewaySpec {
    /// One port that is listened on, for some hosts.
    package struct Server: Sendable, Hashable {
        /// What the port speaks.
        package enum PortProtocol: String, Sendable, Hashable, CaseIterable {
            case http = "HTTP"
            case https = "HTTPS"
            case grpc = "GRPC"
            case grpcWeb = "GRPC-WEB"
            case http2 = "HTTP2"
            case mongo = "MONGO"
            case tcp = "TCP"
            case tls = "TLS"

            /// Whether connections are TLS, so that `tls` says what is done with it.
            package var isTLS: Bool { self == .https || self == .tls }
            /// Whether requests are seen without TLS.
            package var isPlainHTTP: Bool { [.http, .grpc, .grpcWeb, .http2].contains(self) }
        }

        /// 0 where it is missing, which is a problem.
        package var port: UInt16 = 0
        /// Nil where it is missing, which is a problem.
        package var portProtocol: PortProtocol?
        /// The port's name; empty where it is missing, which is a problem.
        package var portName = ""
        /// The address that is listened on; nil for all.
        package var bind: String?
        /// Hosts, `namespace/host`, `./host`, `*/host` or `host`.
        package var hosts: [String] = []
        /// What is done with TLS.
        package var tls: ServerTLS?
        /// The server's name; empty for none.
        package var name = ""
        /// Whether a port is written at all.
        var hasPort = false
    }
}

extension GatewaySpec.Server {
    init(_ reader: ObjectReader) {
        if let port = reader.object(
            "port", required: true, short: .number("number"), about: "The port that is listened on.")
        {
            hasPort = true
            self.port = port.port("number", required: true, about: "The number.") ?? 0
            portProtocol = Self.portProtocol(port)
            portName = port.string("name", required: true, about: "The name, one in this Gateway.") ?? ""
            port.refuse(
                "targetPort", "is not used by Istio any more", remedy: "remove it; number is listened on",
                about: "not used by Istio any more.")
            port.finish()
        }
        bind = reader.text("bind", about: "The address that is listened on; all where left out.")
        hosts = reader.strings("hosts", about: "Hosts that are served, HOST or NAMESPACE/HOST; * for all.")
        tls = reader.object("tls", short: .text("mode"), about: "What is done with TLS.").map {
            GatewaySpec.ServerTLS($0)
        }
        reader.ignore("defaultEndpoint", because: "has no effect, as in Istio; routes come from VirtualServices")
        name = reader.string("name", about: "The server's name, one in this Gateway.") ?? ""
        reader.finish()
    }

    /// In any case, as Istio takes it.
    private static func portProtocol(_ reader: ObjectReader) -> PortProtocol? {
        let words = PortProtocol.allCases.map(\.rawValue)
        reader.describe("protocol", .words(words), about: "What the port speaks.")
        guard let text = reader.string("protocol", required: true) else { return nil }
        guard !text.isEmpty else { return nil }
        if let found = PortProtocol(rawValue: text.uppercased()) { return found }
        reader.problem(
            "protocol", value: text, "is not supported", remedy: "use one of " + words.joined(separator: ", "),
            reason: .notSupported)
        return nil
    }
}
