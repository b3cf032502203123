package import HTTPWire
package import MeshModel

/// A GET, of whose response the status alone counts: 200 to 399 is good. Redirects are not followed, content is not read.
package final class HTTPProbe: ProbeExchange {
    private let get: ReadinessProbe.HTTPGet
    private let host: String
    private let userAgent: String
    private var connection: HTTP1Connection

    /// `authority` is where the connection goes, for the Host header.
    package init(_ get: ReadinessProbe.HTTPGet, authority: String, userAgent: String, now: MonotonicTime) {
        self.get = get
        host = authority
        self.userAgent = userAgent
        var configuration = HTTP1Configuration()
        configuration.exchanges = 1
        configuration.limits.fieldBytes = 16 << 10
        connection = HTTP1Connection(role: .client, configuration: configuration, now: now)
    }

    package func begin() -> [UInt8] {
        let own = get.headers.map { (name: $0.name.lowercased(), value: $0.value) }
        var fields = HTTPFieldBlock.request(
            method: "GET", scheme: get.isTLS ? "https" : "http",
            authority: own.last { $0.name == "host" }?.value ?? host,
            path: get.path)
        for (name, value) in [("user-agent", userAgent), ("accept", "*/*")]
        where !own.contains(where: { $0.name == name }) {
            fields.append(name: name, value: value)
        }
        for (name, value) in own where name != "host" { fields.append(name: name, value: value) }
        // What cannot be written was refused where the group was written; an old node gets no answer then.
        try? connection.sendHeaders(fields, endStream: true)
        var request: [UInt8] = []
        connection.drainOutput { request += Array($0) }
        return request
    }

    package func receive(
        _ bytes: UnsafeRawBufferPointer, now: MonotonicTime
    ) -> (send: [UInt8], answer: ProbeAnswer?) {
        var events: [HTTP1Event] = []
        _ = connection.receive(bytes, now: now, events: &events)
        for event in events {
            switch event {
            case .headers(let fields, endStream: _):
                guard let status = fields.status, status >= 200 else { continue }
                return ([], ProbeAnswer(isGood: status < 400, text: "\(question) was answered with \(status)"))
            case .failed(let problem):
                return ([], .bad("\(question) was answered with what is no HTTP/1.1: \(problem)"))
            case .data, .trailers: continue
            }
        }
        return ([], nil)
    }

    package func ended() -> ProbeAnswer {
        .bad(
            connection.hasResponseBegun
                ? "\(question) was answered with what is no HTTP/1.1: the connection was closed before a response was complete"
                : "\(question) was not answered: the connection was closed")
    }

    private var question: String { "GET \(get.isTLS ? "https" : "http")://\(host)\(get.path)" }
}
