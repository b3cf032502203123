import HTTPWire

/// One exchange through a proxy of HTTP/1.1: a browser's request of eight fields in and out, its response in and out.
final class Exchange {
    static let request = Array(
        """
        GET /productpage?u=normal HTTP/1.1\r
        Host: productpage.default.svc.cluster.local:9080\r
        User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r
        Accept-Language: en-US,en;q=0.5\r
        Accept-Encoding: gzip, deflate, br, zstd\r
        Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r
        X-Request-Id: 5f0c1c9a-8a53-9cb3-a8e7-0123456789ab\r
        Connection: keep-alive\r
        \r

        """.utf8)

    static let response = Array(
        """
        HTTP/1.1 200 OK\r
        Server: nginx/1.26.3\r
        Date: Tue, 24 Nov 2026 20:00:00 GMT\r
        Content-Type: text/html\r
        Content-Length: 64\r
        Last-Modified: Mon, 23 Nov 2026 10:00:00 GMT\r
        Connection: keep-alive\r
        ETag: "6742f3a0-40"\r
        Accept-Ranges: bytes\r
        \r
        0123456789012345678901234567890123456789012345678901234567890123
        """.utf8)

    private static let start = MonotonicTime(nanoseconds: 1)
    private var server = HTTP1Connection(role: .server, now: start)
    private var client = HTTP1Connection(role: .client, now: start)
    private var events: [HTTP1Event] = []
    private var request = HTTPFieldBlock()
    private var response = HTTPFieldBlock()
    private let noContent = HTTPFieldBlock.response(status: 204)
    /// Bytes that were written, so that nothing is for nothing.
    private(set) var written = 0

    /// True if the exchange does what it should; to be asked once before measuring.
    func works() -> Bool {
        proxy()
        return request.count == 10 && response.status == 200 && server.isIdle && client.isIdle && written > 500
    }

    /// All four steps.
    func proxy() {
        receiveRequest()
        sendRequest()
        receiveResponse()
        sendResponse()
    }

    /// A request in, and an answer without fields out.
    func serve() {
        receiveRequest()
        try? server.sendHeaders(noContent, endStream: true)
        server.drainOutput { written &+= $0.count }
    }

    /// A request out, and its response in.
    func ask() {
        sendRequest()
        receiveResponse()
    }

    /// The path is in its normal form already.
    func normalize() {
        if !request.normalizePath(.base) { written &+= 1 }
    }

    private func receiveRequest() {
        events.removeAll(keepingCapacity: true)
        Self.request.withUnsafeBytes { _ = server.receive($0, now: Self.start, events: &events) }
        if case .headers(let fields, _) = events.first { request = fields }
    }

    private func sendRequest() {
        try? client.sendHeaders(request, endStream: true)
        client.drainOutput { written &+= $0.count }
    }

    private func receiveResponse() {
        events.removeAll(keepingCapacity: true)
        Self.response.withUnsafeBytes { _ = client.receive($0, now: Self.start, events: &events) }
        if case .headers(let fields, _) = events.first { response = fields }
    }

    private func sendResponse() {
        try? server.sendHeaders(response, endStream: false)
        if let framing = try? server.frameData(byteCount: 64, endStream: true) { written &+= framing.payloadCount }
        server.drainOutput { written &+= $0.count }
    }
}
