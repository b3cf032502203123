extension DestinationRuleSpec {
    /// An HTTP proxy that connections to the host go through.
    package struct Tunnel: Sendable, Hashable {
        /// The request that opens the tunnel.
        package enum Method: String, Sendable, Hashable, CaseIterable {
            case connect = "CONNECT"
            case post = "POST"
        }

        package var method: Method
        package var targetHost: String
        /// 0 where it is missing, which is a problem.
        package var targetPort: UInt16

        /// The target in the form of an HTTP authority.
        package var authority: String {
            if let ip = IPAddress(targetHost) { return "\(TransportAddress(ip: ip, port: targetPort))" }
            return "\(targetHost):\(targetPort)"
        }

        init(_ reader: ObjectReader) {
            method = reader.choice("protocol", Method.self, about: "CONNECT, also where left out, or POST.") ?? .connect
            targetHost =
                reader.string("targetHost", required: true, about: "The host that the proxy connects to.") ?? ""
            targetPort = reader.port("targetPort", required: true, about: "The port that the proxy connects to.") ?? 0
            reader.finish()
        }
    }

    /// The PROXY protocol's versions.
    package enum ProxyProtocol: String, Sendable, Hashable, CaseIterable {
        case v1 = "V1"
        case v2 = "V2"
    }
}
