import HTTPWire
import MeshModel
import MeshPolicy
import MeshRuntime
import MeshTelemetry

/// One line of Istio's text access log (I 7.2) of one request. Plain values.
package struct RequestLog: Sendable {
    /// When the request began.
    package var start = ""
    /// Of the request.
    package var method = ""
    /// As the client sent it.
    package var path = ""
    /// Of HTTP, as the client speaks it.
    package var version = "HTTP/1.1"
    /// Of the response that the client got.
    package var status = 0
    /// Envoy's response flags; empty stands for none.
    package var flags = ""
    /// Envoy's response code details.
    package var details = ""
    /// Why the endpoint could not be reached.
    package var failure = ""
    package var bytesReceived: UInt64 = 0
    package var bytesSent: UInt64 = 0
    package var milliseconds: UInt64 = 0
    /// How long the endpoint took, in milliseconds; empty where it did not answer.
    package var serviceTime = ""
    /// As it went to the endpoint.
    package var forwardedFor = ""
    /// As the client sent it.
    package var userAgent = ""
    /// As it went to the endpoint.
    package var requestID = ""
    /// As the client sent it.
    package var authority = ""
    /// The endpoint.
    package var upstreamHost = ""
    /// The cluster, in Istio's form.
    package var cluster = ""
    /// What the client connected to.
    package var downstreamLocal = ""
    /// Where the client is.
    package var downstreamRemote = ""
    /// The name that the client asked for in its TLS hello.
    package var serverName = ""
    /// The route that decided.
    package var route = "default"

    /// Nothing known yet.
    package init() {}

    /// The line of a request that is over.
    init(_ flow: RequestFlow) {
        let sent = flow.forward?.head ?? flow.head
        start = Self.time(flow.record.start)
        method = flow.head.method ?? ""
        path = flow.head.path ?? ""
        version = flow.version.text
        status = flow.record.status
        flags = flow.record.flags.text
        details = flow.record.details
        failure = flow.record.failure
        bytesReceived = flow.content.count
        bytesSent = flow.record.bytesSent
        milliseconds = UInt64((flow.worker.loop.now - flow.startedAt) / .milliseconds(1))
        serviceTime = flow.record.serviceMilliseconds.map(String.init) ?? ""
        forwardedFor = sent.all("x-forwarded-for").joined(separator: ",")
        userAgent = flow.head.first("user-agent") ?? ""
        requestID = sent.first(RequestHead.requestID) ?? ""
        authority = flow.head.authority ?? ""
        upstreamHost = flow.upstreamHost ?? ""
        cluster = flow.forward?.cluster.name ?? ""
        downstreamLocal = flow.client.target.authority
        downstreamRemote = flow.client.address
        serverName = flow.client.entrance?.serverName ?? ""
        if let entry = flow.entry { route = entry.name }
    }

    /// The line of a connection that was carried as it is.
    init(_ relay: ByteRelay, failure: String) {
        start = Self.time(relay.start)
        flags = relay.outcome.flags.text
        self.failure = failure
        bytesReceived = relay.received
        bytesSent = relay.sent
        milliseconds = UInt64((relay.worker.loop.now - relay.startedAt) / .milliseconds(1))
        upstreamHost = relay.upstreamHost
        cluster = relay.cluster
        downstreamLocal = relay.client.target.authority
        downstreamRemote = relay.client.address
        serverName = relay.client.entrance?.serverName ?? ""
        route = ""
    }

    /// A time as the log writes it.
    static func time(_ microseconds: UInt64) -> String { Timestamp.text(microseconds) }

    /// The line, in Istio's order.
    package var text: String {
        "[\(start)] \"\(method.isEmpty ? "- - -" : "\(method) \(path) \(version)")\" \(status) \(or(flags)) \(or(details)) - \"\(or(failure))\" "
            + "\(bytesReceived) \(bytesSent) \(milliseconds) \(or(serviceTime)) \"\(or(forwardedFor))\" \"\(or(userAgent))\" \"\(or(requestID))\" "
            + "\"\(or(authority))\" \"\(or(upstreamHost))\" \(or(cluster)) - \(or(downstreamLocal)) "
            + "\(or(downstreamRemote)) \(or(serverName)) \(or(route))"
    }

    private func or(_ value: String) -> String { value.isEmpty ? "-" : value }
}
