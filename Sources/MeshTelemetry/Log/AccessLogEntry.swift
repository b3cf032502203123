/// One connection's line in the access log, with the field names and the order of Istio's ztunnel (Z 8.2).
package struct AccessLogEntry: Sendable, Hashable {
    /// The log target of access lines.
    package static let target = "access"
    /// The message of a connection that ended.
    package static let complete = "connection complete"
    /// The message of a connection that began, at debug level.
    package static let opened = "connection opened"
    /// The message of a connection that was refused before anything was known of it.
    package static let failed = "connection failed"

    /// Which way the connection goes, as the reporting ztunnel sees it.
    package enum Direction: String, Sendable, Hashable {
        case inbound
        case outbound
    }

    /// One end of the connection; what is not known stays nil and is left out.
    package struct End: Sendable, Hashable {
        package var address: String?
        package var workload: String?
        package var namespace: String?
        /// The SPIFFE identity, of mutual TLS only: never looked up.
        package var identity: String?
        package var cluster: String?

        package init(
            address: String? = nil, workload: String? = nil, namespace: String? = nil, identity: String? = nil,
            cluster: String? = nil
        ) {
            self.address = address
            self.workload = workload
            self.namespace = namespace
            self.identity = identity
            self.cluster = cluster
        }
    }

    package var source: End
    package var destination: End
    /// The address inside the tunnel.
    package var tunnelledAddress: String?
    package var service: String?
    package var direction: Direction
    /// Outbound: client to server; inbound: server to client.
    package var bytesSent: UInt64
    /// The other way.
    package var bytesReceived: UInt64
    package var milliseconds: UInt64
    /// Why the connection did not end well; nil where it did.
    package var error: String?

    package init(
        source: End, destination: End, tunnelledAddress: String? = nil, service: String? = nil, direction: Direction,
        bytesSent: UInt64 = 0, bytesReceived: UInt64 = 0, milliseconds: UInt64 = 0, error: String? = nil
    ) {
        self.source = source
        self.destination = destination
        self.tunnelledAddress = tunnelledAddress
        self.service = service
        self.direction = direction
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.milliseconds = milliseconds
        self.error = error
    }

    /// The level of the closing line: an error is one.
    package var level: LogLevel { error == nil ? .info : .error }

    /// All fields of the closing line, in order.
    package var fields: LogFields {
        var fields = identifying
        fields.add("bytes_sent", bytesSent)
        fields.add("bytes_recv", bytesReceived)
        fields.add("duration", "\(milliseconds)ms")
        fields.add("error", error)
        return fields
    }

    /// The fields that say who talks to whom: those of the opening line.
    package var identifying: LogFields {
        var fields = LogFields()
        fields.add("src.addr", word: source.address)
        fields.add("src.workload", source.workload)
        fields.add("src.namespace", source.namespace)
        fields.add("src.identity", source.identity)
        fields.add("src.cluster", source.cluster)
        fields.add("dst.addr", word: destination.address)
        fields.add("dst.hbone_addr", word: tunnelledAddress)
        fields.add("dst.service", service)
        fields.add("dst.workload", destination.workload)
        fields.add("dst.namespace", destination.namespace)
        fields.add("dst.identity", destination.identity)
        fields.add("dst.cluster", destination.cluster)
        fields.add("direction", direction.rawValue)
        return fields
    }

    /// The few fields of a connection that was refused early: it never had more.
    package var early: LogFields {
        var fields = LogFields()
        fields.add("src.addr", word: source.address)
        fields.add("dst.addr", word: destination.address)
        fields.add("direction", direction.rawValue)
        fields.add("error", error)
        return fields
    }
}
