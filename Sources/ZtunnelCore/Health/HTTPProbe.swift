package import HTTPWire
package import MeshModel

/// A GET, of whose response the status alone counts: 200 to 399 is good. Redirects are not followed, content is not read.
package final class HTTPProbe: ProbeExchange {
    private let get: ReadinessProbe.HTTPGet
    private let host: String
    private let userAgent: String
    private var parser: HTTP1ResponseParser
    private var hasReceived = false

    /// `authority` is where the connection goes, for the Host header.
    package init(_ get: ReadinessProbe.HTTPGet, authority: String, userAgent: String) {
        self.get = get
        host = authority
        self.userAgent = userAgent
        var limits = HTTP1Limits()
        limits.fieldBytes = 16 << 10
        parser = HTTP1ResponseParser(limits: limits)
        parser.expectResponse(toMethod: "GET")
    }

    package func begin() -> [UInt8] {
        var fields = HTTPFieldBlock()
        let own = get.headers.map { (name: $0.name.lowercased(), value: $0.value) }
        for (name, value) in [("host", host), ("user-agent", userAgent), ("accept", "*/*")]
        where !own.contains(where: { $0.name == name }) {
            fields.append(name: name, value: value)
        }
        for (name, value) in own { fields.append(name: name, value: value) }
        // What cannot be written was refused where the group was written; an old node gets no answer then.
        return
            (try? HTTP1Writer.requestHead(
                method: "GET", target: get.path, fields: fields, framing: .none, keepAlive: false)) ?? []
    }

    package func receive(
        _ bytes: UnsafeRawBufferPointer, now: MonotonicTime
    ) -> (send: [UInt8], answer: ProbeAnswer?) {
        hasReceived = true
        var events: [HTTP1ResponseEvent] = []
        var problem: HTTP1ParseError?
        do throws(HTTP1ParseError) {
            try parser.receive(bytes, events: &events)
        } catch {
            problem = error
        }
        for case .head(let head) in events where head.status >= 200 {
            return ([], ProbeAnswer(isGood: head.status < 400, text: "\(question) was answered with \(head.status)"))
        }
        return ([], problem.map { .bad("\(question) was answered with what is no HTTP/1.1: \($0)") })
    }

    package func ended() -> ProbeAnswer {
        .bad(
            hasReceived
                ? "\(question) was answered with what is no HTTP/1.1: the connection was closed before a response was complete"
                : "\(question) was not answered: the connection was closed")
    }

    private var question: String { "GET \(get.isTLS ? "https" : "http")://\(host)\(get.path)" }
}
