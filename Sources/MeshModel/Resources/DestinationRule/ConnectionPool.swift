extension DestinationRuleSpec {
    /// Bounds of connections and requests to a host; nil and 0 are no bound unless a default is named (I 2.15).
    package struct ConnectionPool: Sendable, Hashable {
        /// Of connections.
        package struct TCP: Sendable, Hashable {
            /// TCP keep-alive; nil for the system's own.
            package struct Keepalive: Sendable, Hashable {
                package var probes: Int?
                package var time: Duration?
                package var interval: Duration?
            }

            package var maxConnections: Int?
            /// Nil for 10 seconds.
            package var connectTimeout: Duration?
            package var tcpKeepalive: Keepalive?
            package var maxConnectionDuration: Duration?
            /// Nil for an hour; zero for none.
            package var idleTimeout: Duration?
        }

        /// Of requests.
        package struct HTTP: Sendable, Hashable {
            /// Whether HTTP/1.1 of a client goes on as HTTP/2.
            package enum Upgrade: String, Sendable, Hashable, CaseIterable {
                case byDefault = "DEFAULT"
                case never = "DO_NOT_UPGRADE"
                case always = "UPGRADE"
            }

            /// HTTP/2 pings.
            package struct Keepalive: Sendable, Hashable {
                /// Nil where it is missing, which is a problem.
                package var interval: Duration?
                package var timeout: Duration?
            }

            package var http1MaxPendingRequests: Int?
            package var http2MaxRequests: Int?
            /// 1 closes after each.
            package var maxRequestsPerConnection: Int?
            package var maxRetries: Int?
            /// Nil for an hour.
            package var idleTimeout: Duration?
            package var h2UpgradePolicy: Upgrade?
            package var useClientProtocol: Bool?
            package var maxConcurrentStreams: Int?
            package var http2KeepAlive: Keepalive?
        }

        package var tcp: TCP?
        package var http: HTTP?
        /// Whether nothing at all is written.
        var isEmpty: Bool

        init(_ reader: ObjectReader) {
            isEmpty = !reader.has("tcp") && !reader.has("http")
            tcp = reader.object("tcp", short: .number("maxConnections"), about: "Bounds of connections.").map {
                TCP($0)
            }
            http = reader.object("http", about: "Bounds of requests.").map { HTTP($0) }
            reader.finish()
        }
    }
}

extension DestinationRuleSpec.ConnectionPool.TCP {
    fileprivate init(_ reader: ObjectReader) {
        maxConnections = reader.count("maxConnections", about: "Connections at once; no bound without.")
        connectTimeout = reader.duration("connectTimeout", about: "How long connecting may take; 10s without.")
        tcpKeepalive = reader.object("tcpKeepalive", about: "TCP keep-alive; the system's own without.").map {
            Keepalive($0)
        }
        maxConnectionDuration = reader.duration("maxConnectionDuration", about: "How long a connection may live.")
        idleTimeout = reader.duration(
            "idleTimeout", atLeast: .zero, about: "How long a connection may be idle; 1h without, 0s for ever.")
        reader.finish()
    }
}

extension DestinationRuleSpec.ConnectionPool.TCP.Keepalive {
    fileprivate init(_ reader: ObjectReader) {
        probes = reader.count("probes", about: "Probes without an answer until the connection is given up.")
        time = reader.duration("time", atLeast: .seconds(1), about: "How long it is idle until the first probe.")
        interval = reader.duration("interval", atLeast: .seconds(1), about: "The time between probes.")
        reader.finish()
    }
}

extension DestinationRuleSpec.ConnectionPool.HTTP {
    fileprivate init(_ reader: ObjectReader) {
        http1MaxPendingRequests = reader.count(
            "http1MaxPendingRequests", about: "Requests that wait for a connection; no bound without.")
        http2MaxRequests = reader.count("http2MaxRequests", about: "Requests at once; no bound without.")
        maxRequestsPerConnection = reader.count(
            "maxRequestsPerConnection", about: "Requests until a connection is closed; 1 for no keep-alive.")
        maxRetries = reader.count("maxRetries", about: "Retries at once; no bound without.")
        idleTimeout = reader.duration(
            "idleTimeout", atLeast: .zero, about: "How long a connection may be without requests; 1h without.")
        h2UpgradePolicy = reader.choice(
            "h2UpgradePolicy", Upgrade.self, about: "UPGRADE sends HTTP/1.1 requests on as HTTP/2.")
        useClientProtocol = reader.bool("useClientProtocol", about: "Send on in the version that the client speaks.")
        maxConcurrentStreams = reader.count("maxConcurrentStreams", about: "Requests at once on one HTTP/2 connection.")
        http2KeepAlive = reader.object("http2KeepAlive", about: "HTTP/2 pings on connections.").map { Keepalive($0) }
        reader.finish()
    }
}

extension DestinationRuleSpec.ConnectionPool.HTTP.Keepalive {
    fileprivate init(_ reader: ObjectReader) {
        interval = reader.duration("interval", required: true, about: "The time between pings.")
        timeout = reader.duration("timeout", required: true, about: "How long an answer may take.")
        reader.finish()
    }
}
