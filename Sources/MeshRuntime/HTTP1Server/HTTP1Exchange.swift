import HTTPWire

/// The protocol of one server connection: bytes in, requests out, answers in, bytes out. Pure, and owned by its connection.
///
/// Requests are answered one after another, in the order of their arrival.
struct HTTP1Exchange {
    /// A complete request, and how to answer it.
    private struct Arrived {
        let request: HTTP1Request
        let keepAlive: Bool
    }

    private let limits: HTTP1ServerLimits
    private var parser: HTTP1RequestParser
    private var head: HTTP1RequestHead?
    private var content: [UInt8] = []
    private var arrived: [Arrived] = []
    private var answering: Arrived?
    /// Bytes to send.
    var output: [UInt8] = []
    /// Nothing is read any more; the connection closes when `output` is sent.
    private(set) var isClosing = false

    init(limits: HTTP1ServerLimits) {
        self.limits = limits
        parser = HTTP1RequestParser(limits: limits.parser)
    }

    /// Whether a request waits for its answer.
    var isBusy: Bool { answering != nil || !arrived.isEmpty }

    /// Takes what the client sent.
    mutating func receive(_ bytes: [UInt8]) {
        guard !isClosing else { return }
        var events: [HTTP1RequestEvent] = []
        var problem: HTTP1ParseError?
        // Sound: the parser only reads the bytes within the call.
        unsafe bytes.withUnsafeBytes { input in
            do throws(HTTP1ParseError) {
                try unsafe parser.receive(input, events: &events)
            } catch {
                problem = error
            }
        }
        for event in events { take(event, bytes) }
        if let problem { refuse(status: problem.status, "\(problem)\n") }
    }

    private mutating func take(_ event: HTTP1RequestEvent, _ bytes: [UInt8]) {
        switch event {
        case .head(let begun):
            head = begun
            content = []
            if begun.expectsContinue { output += Array("HTTP/1.1 100 Continue\r\n\r\n".utf8) }
        case .content(let range):
            guard content.count + range.count <= limits.contentBytes else {
                return refuse(status: 413, "the content is longer than \(limits.contentBytes) bytes\n")
            }
            content += bytes[range]
        case .end:
            guard let head, !isClosing else { return }
            guard arrived.count < limits.pipelined else { return refuse(status: 429, "too many requests wait\n") }
            arrived.append(
                Arrived(
                    request: HTTP1Request(
                        method: head.method, target: head.target, fields: head.fields, content: content),
                    keepAlive: head.keepAlive))
            content = []
        }
    }

    /// The next request to answer, once the one before is answered.
    mutating func next() -> HTTP1Request? {
        guard answering == nil, !arrived.isEmpty, !isClosing else { return nil }
        answering = arrived.removeFirst()
        return answering?.request
    }

    /// Answers the request that `next` gave.
    mutating func answer(_ response: HTTP1Response) {
        guard let asked = answering else { return }
        answering = nil
        write(response, keepAlive: asked.keepAlive, sendsContent: asked.request.method != "HEAD")
    }

    /// Answers what cannot be read, and closes.
    mutating func refuse(status: Int, _ text: String) {
        guard !isClosing else { return }
        arrived = []
        write(HTTP1Response(status: status, text), keepAlive: false, sendsContent: true)
        isClosing = true
    }

    /// The client sends no more; what it has asked is still answered.
    mutating func end() {
        if !isBusy { isClosing = true }
    }

    private mutating func write(_ response: HTTP1Response, keepAlive: Bool, sendsContent: Bool) {
        do throws(HTTP1WriteError) {
            output += try HTTP1Writer.responseHead(
                status: response.status, fields: response.fields, framing: .length(response.content.count),
                keepAlive: keepAlive)
            if sendsContent { output += response.content }
        } catch {
            // A page with a field that cannot be written: the client gets an empty answer instead of a wrong one.
            output += Array("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".utf8)
            isClosing = true
        }
        if !keepAlive { isClosing = true }
    }
}
