import HTTPWire

/// One connection under test, driven by bytes; what it reports is kept as lines of text. It keeps what is not taken, as an owner has to.
struct HTTP1Peer: ~Copyable {
    var connection: HTTP1Connection
    var time = MonotonicTime(nanoseconds: 1_000_000_000)
    /// Bytes that have arrived and were not taken.
    private(set) var rest: [UInt8] = []
    private var lines: [String] = []
    private var events: [HTTP1Event] = []
    /// Everything written.
    private(set) var written: [UInt8] = []
    /// The heads and trailers that were reported.
    private(set) var blocks: [HTTPFieldBlock] = []
    /// Server: what is answered to a complete request, at once; nil for nothing.
    var answer: HTTPFieldBlock? = .response(status: 200)

    init(_ role: HTTP1Role, _ configuration: HTTP1Configuration = HTTP1Configuration()) {
        connection = HTTP1Connection(role: role, configuration: configuration, now: time)
    }

    /// A client that has sent `method /`.
    static func client(
        _ method: String = "GET", _ configuration: HTTP1Configuration = HTTP1Configuration()
    ) throws -> HTTP1Peer {
        var peer = HTTP1Peer(.client, configuration)
        try peer.connection.sendHeaders(
            .request(method: method, scheme: "http", authority: "a", path: "/"), endStream: true)
        peer.drain()
        return peer
    }

    mutating func feed(_ text: String) { feed(Array(text.utf8)) }

    mutating func feed(_ bytes: [UInt8]) {
        rest += bytes
        repeat {
            let input = rest
            let count = input.withUnsafeBytes { connection.receive($0, now: time, events: &events) }
            rest.removeFirst(count)
            note(input)
        } while !rest.isEmpty && connection.wantsInput
    }

    mutating func close() {
        connection.peerClosed(now: time, events: &events)
        note([])
    }

    mutating func pass(_ duration: Duration) {
        time = time + duration
        connection.deadlineReached(now: time, events: &events)
        note([])
    }

    mutating func drain() {
        connection.drainOutput { written += Array($0) }
    }

    mutating func takeLines() -> [String] {
        defer { lines = [] }
        return lines
    }

    /// What was written since the last call.
    mutating func takeText() -> String {
        drain()
        defer { written = [] }
        return String(decoding: written, as: UTF8.self)
    }

    private mutating func note(_ input: [UInt8]) {
        for event in events { add(event, input) }
        events.removeAll(keepingCapacity: true)
    }

    private mutating func add(_ event: HTTP1Event, _ input: [UInt8]) {
        switch event {
        case .headers(let fields, let endStream):
            blocks.append(fields)
            let first =
                fields.status.map(String.init) ?? "\(fields.method ?? "") \(fields.path ?? fields.authority ?? "")"
            lines.append(first + (endStream ? " end" : ""))
            if endStream { respond() }
        case .data(let range, let endStream):
            // Fragments are the same to a relay, however they were cut.
            if !range.isEmpty {
                let text = String(decoding: input[range], as: UTF8.self)
                if let last = lines.last, last.hasPrefix("content ") {
                    lines[lines.count - 1] = last + text
                } else {
                    lines.append("content " + text)
                }
            }
            if endStream {
                lines.append("end")
                respond()
            }
        case .trailers(let fields):
            blocks.append(fields)
            lines.append("end " + fields.fields.map { "\($0.name)=\($0.value)" }.joined(separator: ","))
            respond()
        case .failed(let error):
            lines.append("failed \(connection.role == .server ? error.status.description : "\(error)")")
        }
    }

    private mutating func respond() {
        guard connection.role == .server, let answer, !connection.isTunnel else { return }
        do throws(HTTP1WriteError) {
            try connection.sendHeaders(answer, endStream: true)
            lines.append(connection.isClosing ? "close" : "keep")
        } catch {
            lines.append("not written: \(error)")
        }
    }
}
