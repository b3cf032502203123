import HTTPWire

/// Fuzz entries of the codecs: any bytes, no trap, and what is accepted must be consistent.
package enum HTTPWireFuzz {
    /// Frames, to both roles, whole and in pieces whose size the first byte chooses.
    package static func frames(_ bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.first else { return }
        var configuration = HTTP2Configuration()
        configuration.initialStreamWindow = 1_000
        configuration.enableConnectProtocol = true
        for role in [HTTP2Role.server, .client] {
            let start = MonotonicTime(nanoseconds: 1)
            var connection = HTTP2Connection(role: role, configuration: configuration, now: start)
            var events: [HTTP2Event] = []
            if role == .server {
                let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
                preface.withUnsafeBytes { connection.receive($0, now: start, events: &events) }
            } else {
                for _ in 0..<3 { _ = connection.openStream(.connect(authority: "a:1"), endStream: false) }
            }
            let size = max(Int(first), 1)
            var offset = 1
            while offset < bytes.count {
                let end = min(offset + size, bytes.count)
                events.removeAll(keepingCapacity: true)
                let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
                connection.receive(piece, now: start, events: &events)
                for event in events { answer(event, &connection, pieceLength: piece.count) }
                connection.drainOutput { _ in }
                offset = end
            }
            connection.deadlineReached(now: start + .seconds(60), events: &events)
        }
    }

    /// Uses the connection as an application would.
    private static func answer(_ event: HTTP2Event, _ connection: inout HTTP2Connection, pieceLength: Int) {
        switch event {
        case .headers(let id, let fields, _):
            _ = fields.description
            if connection.role == .server {
                connection.sendHeaders(id, .response(status: 200), endStream: id.rawValue % 3 == 0)
            }
            let count = connection.reserveData(id, upTo: 100_000)
            connection.didSendData(id, byteCount: count, endStream: id.rawValue % 5 == 0)
        case .data(let id, let range, _):
            precondition(range.upperBound <= pieceLength, "a range outside the input")
            connection.credit(id, byteCount: range.count)
            if id.rawValue % 7 == 0 { connection.reset(id, .cancel) }
        case .writable(let id): _ = connection.reserveData(id, upTo: 10)
        default: break
        }
    }

    /// Header blocks, one after another, each introduced by its length; what decodes is encoded and decoded again.
    package static func hpack(_ bytes: UnsafeRawBufferPointer) {
        var decoder = HPACKDecoder()
        var encoder = HPACKEncoder()
        var second = HPACKDecoder()
        let input = Array(bytes)
        var offset = 0
        while offset < input.count {
            let end = min(offset + 1 + Int(input[offset]), input.count)
            let block = Array(input[(offset + 1)..<end])
            offset = end
            var fields = HTTPFieldBlock()
            guard let fits = try? decoder.decode(block.span, into: &fields, maximumListSize: 16_384) else { return }
            guard fits else { continue }
            var coded: [UInt8] = []
            encoder.encode(fields, into: &coded)
            var again = HTTPFieldBlock()
            let fitsAgain = try? second.decode(coded.span, into: &again, maximumListSize: .max)
            precondition(fitsAgain == true && again.count == fields.count, "the encoder's block does not decode")
            precondition(encoder.tableSize == second.tableSize, "the tables differ")
        }
    }

    /// The header forms of a CONNECT: what parses prints to something that parses to the same.
    package static func connectHeaders(_ bytes: UnsafeRawBufferPointer) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let authority = try? HBONEAuthority(parsing: text) {
            let again = try? HBONEAuthority(parsing: authority.description)
            precondition(again == authority, "authority")
        }
        let baggage = Baggage(parsing: [text])
        precondition(Baggage(parsing: [baggage.value]).value == baggage.value, "baggage")
        if let parent = TraceParent(parsing: text) {
            precondition(TraceParent(parsing: parent.description) == parent, "traceparent")
        }
        _ = Forwarded(parsing: text)?.value
    }

    /// Requests to an HTTP/1.1 server, in pieces whose size the first byte chooses; each one that is complete is answered, and what was
    /// read is written again by a client and read to the same.
    package static func http1Server(_ bytes: UnsafeRawBufferPointer) {
        let start = MonotonicTime(nanoseconds: 1)
        var server = HTTP1Connection(role: .server, now: start)
        forEachPiece(bytes, &server) { server, event in
            guard case .headers(let fields, let endStream) = event else { return }
            forward(fields, endStream: endStream)
            try? server.sendHeaders(.response(status: 200), endStream: !fields.isConnect)
        }
    }

    /// Responses to an HTTP/1.1 client, likewise.
    package static func http1Client(_ bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.first else { return }
        let start = MonotonicTime(nanoseconds: 1)
        var client = HTTP1Connection(role: .client, now: start)
        let method = ["GET", "HEAD", "POST", "CONNECT"][Int(first) % 4]
        let request: HTTPFieldBlock =
            method == "CONNECT"
            ? .connect(authority: "a:1") : .request(method: method, scheme: "http", authority: "a", path: "/")
        try? client.sendHeaders(request, endStream: true)
        client.drainOutput { _ in }
        forEachPiece(bytes, &client) { client, _ in
            if client.isIdle { try? client.sendHeaders(request, endStream: true) }
        }
        var events: [HTTP1Event] = []
        client.peerClosed(now: start, events: &events)
    }

    private static func forEachPiece(
        _ bytes: UnsafeRawBufferPointer, _ connection: inout HTTP1Connection,
        _ react: (inout HTTP1Connection, HTTP1Event) -> Void
    ) {
        guard let first = bytes.first else { return }
        let start = MonotonicTime(nanoseconds: 1)
        let size = max(Int(first), 1)
        var offset = 1
        while offset < bytes.count {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<min(offset + size, bytes.count)])
            var events: [HTTP1Event] = []
            let taken = connection.receive(piece, now: start, events: &events)
            precondition(taken == piece.count || !connection.wantsInput, "input is left though it is wanted")
            for event in events {
                if case .data(let range, _) = event {
                    precondition(range.upperBound <= piece.count, "outside the input")
                }
                react(&connection, event)
            }
            connection.drainOutput { _ in }
            guard taken > 0 || connection.wantsInput else { break }
            offset += taken
        }
        var events: [HTTP1Event] = []
        connection.deadlineReached(now: start + .seconds(60), events: &events)
    }

    /// A request that was accepted must be the same for whoever it is forwarded to.
    private static func forward(_ fields: HTTPFieldBlock, endStream: Bool) {
        // Only HTTP/1.0 may say nothing of where it wants to go; it is written with an empty Host, which is not read again.
        guard fields.authority != nil else { return }
        let start = MonotonicTime(nanoseconds: 1)
        var client = HTTP1Connection(role: .client, now: start)
        guard (try? client.sendHeaders(fields, endStream: endStream)) != nil else {
            preconditionFailure("what was read cannot be written: \(fields)")
        }
        var server = HTTP1Connection(role: .server, now: start)
        var events: [HTTP1Event] = []
        client.drainOutput { _ = server.receive($0, now: start, events: &events) }
        guard case .headers(let again, let endsAgain) = events.first, events.count == 1 else {
            preconditionFailure("what was written is not one request: \(events)")
        }
        precondition(endsAgain == endStream, "the end is another")
        precondition(again.method == fields.method && again.path == fields.path, "the target is another")
        precondition(again.authority == fields.authority, "the authority is another")
    }

    /// gRPC messages: what is cut out is framed again to the same bytes.
    package static func grpc(_ bytes: UnsafeRawBufferPointer) {
        var decoder = GRPCMessageDecoder(maximumMessageSize: 4_096)
        var messages: [[UInt8]] = []
        try? decoder.receive(bytes, messages: &messages)
        var framed: [UInt8] = []
        for message in messages { framed += GRPCMessage.frame(message) ?? [] }
        precondition(bytes.starts(with: framed), "a message is not what was sent")
    }
}
