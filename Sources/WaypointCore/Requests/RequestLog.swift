/// One line of Istio's text access log (I 7.2) of one request. Plain values.
package struct RequestLog: Sendable {
    /// When the request began.
    package var start = ""
    /// Of the request.
    package var method = ""
    /// As the client sent it.
    package var path = ""
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
    /// As the client sent it.
    package var userAgent = ""
    /// As it went to the endpoint.
    package var requestID = ""
    /// As the client sent it.
    package var authority = ""
    /// The endpoint.
    package var upstreamHost = ""
    /// The service, in Istio's form.
    package var cluster = ""
    /// What the client connected to.
    package var downstreamLocal = ""
    /// Where the client is.
    package var downstreamRemote = ""

    /// Nothing known yet.
    package init() {}

    /// The line, in Istio's order.
    package var text: String {
        "[\(start)] \"\(method) \(path) HTTP/1.1\" \(status) \(or(flags)) \(or(details)) - \"\(or(failure))\" "
            + "\(bytesReceived) \(bytesSent) \(milliseconds) - \"-\" \"\(or(userAgent))\" \"\(or(requestID))\" "
            + "\"\(or(authority))\" \"\(or(upstreamHost))\" \(or(cluster)) - \(or(downstreamLocal)) "
            + "\(or(downstreamRemote)) - default"
    }

    private func or(_ value: String) -> String { value.isEmpty ? "-" : value }
}
