import HTTPWire

/// The protocol of one server connection: bytes in, requests out, answers in, bytes out. Pure, and owned by its connection.
///
/// Requests are answered one after another, in the order of their arrival. The codec takes nothing of a next request before the one
/// before it is answered; what has arrived by then waits here, within a bound.
struct HTTP1Exchange: ~Copyable {
    private let limits: HTTP1ServerLimits
    private var connection: HTTP1Connection
    private var head: HTTPFieldBlock?
    private var content: [UInt8] = []
    private var arrived: HTTP1Request?
    private var isAnswering = false
    /// Bytes that the codec has not taken.
    private var waiting: [UInt8] = []
    /// Bytes to send.
    var output: [UInt8] = []

    init(limits: HTTP1ServerLimits, now: MonotonicTime) {
        self.limits = limits
        connection = HTTP1Connection(role: .server, configuration: limits.configuration, now: now)
    }

    /// Nothing is read any more; the connection closes when `output` is sent.
    var isClosing: Bool { connection.isClosing }

    /// Whether a request waits for its answer.
    var isBusy: Bool { arrived != nil || isAnswering }

    /// Takes what the client sent. A head that takes too long is refused with the next of its bytes; a client that is silent is the
    /// owner's to close.
    mutating func receive(_ bytes: [UInt8], now: MonotonicTime) {
        guard !isClosing else { return }
        var events: [HTTP1Event] = []
        connection.deadlineReached(now: now, events: &events)
        guard waiting.count + bytes.count <= limits.pipelinedBytes else {
            return refuse(status: 429, "more than \(limits.pipelinedBytes) bytes of requests wait\n")
        }
        waiting += bytes
        advance(now: now)
    }

    /// Reads what waits, as far as the codec takes it.
    private mutating func advance(now: MonotonicTime) {
        while !waiting.isEmpty, connection.wantsInput {
            let input = waiting
            var events: [HTTP1Event] = []
            // Sound: the codec only reads the bytes within the call.
            let count = unsafe input.withUnsafeBytes { unsafe connection.receive($0, now: now, events: &events) }
            waiting.removeFirst(count)
            for event in events { take(event, input) }
        }
        collectOutput()
    }

    private mutating func take(_ event: HTTP1Event, _ bytes: [UInt8]) {
        switch event {
        case .headers(let fields, let endStream):
            guard !fields.isConnect else { return refuse(status: 405, "CONNECT is for a proxy\n") }
            head = fields
            content = []
            if fields.first("expect") != nil, !endStream { write(.response(status: 100), endStream: false) }
            if endStream { complete() }
        case .data(let range, let endStream):
            content += bytes[range]
            if endStream { complete() }
        case .trailers: complete()
        case .failed:
            head = nil
            arrived = nil
        }
    }

    private mutating func complete() {
        guard let head else { return }
        self.head = nil
        arrived = HTTP1Request(
            method: head.method ?? "", target: head.path ?? "", fields: head, content: content)
        content = []
    }

    /// The next request to answer, once the one before is answered.
    mutating func next() -> HTTP1Request? {
        guard !isAnswering, !isClosing, let request = arrived else { return nil }
        arrived = nil
        isAnswering = true
        return request
    }

    /// Answers the request that `next` gave.
    mutating func answer(_ response: HTTP1Response, now: MonotonicTime) {
        guard isAnswering else { return }
        isAnswering = false
        respond(response)
        advance(now: now)
    }

    /// The client sends no more; what it has asked is still answered.
    mutating func end(now: MonotonicTime) {
        var events: [HTTP1Event] = []
        if waiting.isEmpty { connection.peerClosed(now: now, events: &events) } else { connection.drain() }
        collectOutput()
    }

    /// Answers what is not served, and closes.
    private mutating func refuse(status: Int, _ text: String) {
        connection.drain()
        if connection.isClosing { return }
        respond(HTTP1Response(status: status, text))
        connection.abort()
    }

    private mutating func respond(_ response: HTTP1Response) {
        var fields = HTTPFieldBlock.response(status: response.status)
        fields.append(name: "content-length", value: String(response.content.count))
        response.fields.forEach { name, value, sensitive in
            fields.append(name: name, value: value, sensitive: sensitive)
        }
        guard write(fields, endStream: false) else {
            // A page with a field that cannot be written: the client gets an empty answer instead of a wrong one.
            connection.drain()
            write(.response(status: 500), endStream: true)
            return
        }
        do throws(HTTP1WriteError) {
            try connection.sendData(response.content, endStream: true)
        } catch {
            connection.abort()
        }
        collectOutput()
    }

    @discardableResult
    private mutating func write(_ fields: HTTPFieldBlock, endStream: Bool) -> Bool {
        do throws(HTTP1WriteError) {
            try connection.sendHeaders(fields, endStream: endStream)
        } catch {
            return false
        }
        collectOutput()
        return true
    }

    private mutating func collectOutput() {
        var bytes: [UInt8] = []
        // Sound: the bytes are copied within the call.
        unsafe connection.drainOutput { unsafe bytes.append(contentsOf: $0) }
        output += bytes
    }
}
