extension DestinationRuleSpec {
    /// How connections to endpoints are made and shared.
    package struct TrafficPolicy: Sendable, Hashable {
        /// Which endpoint a request goes to.
        package var loadBalancer: LoadBalancer?
        /// Bounds of connections and requests.
        package var connectionPool: ConnectionPool?
        /// Which endpoints are left out for a while.
        package var outlierDetection: OutlierDetection?
        /// TLS to the endpoints.
        package var tls: ClientTLS?
        /// What holds for single ports instead.
        package var portLevelSettings: [PortPolicy] = []
        /// An HTTP tunnel for connections.
        package var tunnel: Tunnel?
        /// The PROXY protocol before connections.
        package var proxyProtocol: ProxyProtocol?
        /// How many retries may be under way.
        package var retryBudget: RetryBudget?
        /// Whether nothing at all is written.
        var isEmpty = false
    }

    /// What holds for one port; it takes nothing from the policy around it (I 1.2).
    package struct PortPolicy: Sendable, Hashable {
        /// Nil where it is missing, which is a problem.
        package var port: UInt16?
        package var loadBalancer: LoadBalancer?
        package var connectionPool: ConnectionPool?
        package var outlierDetection: OutlierDetection?
        package var tls: ClientTLS?
    }
}

extension DestinationRuleSpec.TrafficPolicy {
    init(_ reader: ObjectReader) {
        isEmpty = reader.isEmpty
        loadBalancer = DestinationRuleSpec.loadBalancer(of: reader)
        connectionPool = DestinationRuleSpec.connectionPool(of: reader)
        outlierDetection = DestinationRuleSpec.outlierDetection(of: reader)
        tls = DestinationRuleSpec.tls(of: reader)
        portLevelSettings = reader.objects(
            "portLevelSettings", about: "Policies of single ports, which take nothing from the one around them."
        ).map { DestinationRuleSpec.PortPolicy($0) }
        tunnel = reader.object("tunnel", about: "Carry connections through an HTTP proxy.").map {
            DestinationRuleSpec.Tunnel($0)
        }
        if let proxy = reader.object(
            "proxyProtocol", short: .text("version"), about: "Begin connections with the PROXY protocol.")
        {
            proxyProtocol =
                proxy.choice("version", DestinationRuleSpec.ProxyProtocol.self, about: "V1 (text, the default) or V2.")
                ?? .v1
            proxy.finish()
        }
        retryBudget = reader.object("retryBudget", about: "How many retries may be under way at once.").map {
            DestinationRuleSpec.RetryBudget($0)
        }
        reader.finish()
    }
}

extension DestinationRuleSpec.PortPolicy {
    fileprivate init(_ reader: ObjectReader) {
        if let port = reader.object("port", required: true, short: .number("number"), about: "The service's port.") {
            self.port = port.port("number", required: true, about: "Its number.")
            port.finish()
        }
        loadBalancer = DestinationRuleSpec.loadBalancer(of: reader)
        connectionPool = DestinationRuleSpec.connectionPool(of: reader)
        outlierDetection = DestinationRuleSpec.outlierDetection(of: reader)
        tls = DestinationRuleSpec.tls(of: reader)
        reader.finish()
    }
}

/// The blocks that a policy and one of a port have alike.
extension DestinationRuleSpec {
    fileprivate static func loadBalancer(of reader: ObjectReader) -> LoadBalancer? {
        reader.object("loadBalancer", short: .text("simple"), about: "Which endpoint a request or connection goes to.")
            .map { LoadBalancer($0) }
    }

    fileprivate static func connectionPool(of reader: ObjectReader) -> ConnectionPool? {
        reader.object("connectionPool", about: "Bounds of connections and requests.").map { ConnectionPool($0) }
    }

    fileprivate static func outlierDetection(of reader: ObjectReader) -> OutlierDetection? {
        reader.object("outlierDetection", about: "Which endpoints are left out for a while after errors.").map {
            OutlierDetection($0)
        }
    }

    fileprivate static func tls(of reader: ObjectReader) -> ClientTLS? {
        reader.object("tls", short: .text("mode"), about: "TLS to the endpoints.").map { ClientTLS($0) }
    }
}
