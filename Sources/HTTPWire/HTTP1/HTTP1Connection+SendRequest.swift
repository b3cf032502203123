extension HTTP1Connection {
    /// The parts of a request line, found in one pass.
    private struct RequestParts {
        var method: Range<Int>?
        var path: Range<Int>?
        var authority: Range<Int>?
        /// `:protocol`.
        var name: Range<Int>?

        init(_ fields: HTTPFieldBlock) {
            let bytes = fields.storage.span
            var cursor = 0
            while let field = fields.record(at: cursor), field.name.count > 0, bytes[field.name.lowerBound] == 0x3a {
                cursor = field.value.upperBound
                let name = bytes.extracting(field.name)
                switch name.count {
                case 5 where name.equals(":path"): path = path ?? field.value
                case 7 where name.equals(":method"): method = method ?? field.value
                case 9 where name.equals(":protocol"): self.name = self.name ?? field.value
                case 10 where name.equals(":authority"): authority = authority ?? field.value
                default: break
                }
            }
            if authority == nil { authority = fields.firstRange("host") }
        }
    }

    /// Queues a request (RFC 9112 section 3).
    mutating func sendRequest(_ fields: HTTPFieldBlock, endStream: Bool) throws(HTTP1WriteError) {
        let bytes = fields.storage.span
        let parts = RequestParts(fields)
        guard let method = parts.method, ByteScan.isToken(bytes.extracting(method)) else { throw .startLine }
        var next = HTTP1ExchangeState()
        next.isHead = fields.storage.equals(method, "HEAD")
        let isConnect = fields.storage.equals(method, "CONNECT")
        if isConnect { next.switching = try switching(fields, parts) }
        let isLast = isDraining || configuration.exchanges > 0 && counters.exchanges + 1 >= configuration.exchanges
        let isUpgrade = prepareUpgrade(fields, &next)
        var phase = HTTP1OutputPhase.ended
        // The authority of a CONNECT is its target and its Host.
        let room = Self.room(for: fields, next.webSocketKey.count + (isConnect ? parts.authority?.count ?? 0 : 0))
        try output.appendLines(capacity: room) { lines throws(HTTP1WriteError) in
            try Self.requestLine(fields, parts, method: method, isConnect: isConnect, &lines)
            if case .upgrade(let name) = next.switching { Self.upgrade(name, next, &lines) }
            let (declared, acceptsTrailers) = try lines.fields(fields, .client)
            if next.switching != .none {
                phase = .awaitingTunnel
            } else if endStream {
                guard declared == nil || declared == 0 else { throw .contentLength }
                if declared != nil || Self.expectsContent(bytes.extracting(method)) { lines.contentLength(0) }
            } else if let declared {
                lines.contentLength(declared)
                phase = .length(declared)
            } else {
                lines.append(text: "transfer-encoding: chunked\r\n")
                phase = .chunked
            }
            Self.connection(acceptsTrailers: acceptsTrailers, isUpgrade: isUpgrade, isLast: isLast, &lines)
            lines.append(text: "\r\n")
        }
        if isLast { isDraining = true }
        counters.exchanges &+= 1
        exchange = next
        isExchanging = true
        outputPhase = phase
        inputPhase = .startLine(emptyLines: 0)
    }

    /// CONNECT, or Upgrade for an extended one.
    private func switching(
        _ fields: HTTPFieldBlock, _ parts: RequestParts
    ) throws(HTTP1WriteError) -> HTTP1ExchangeState.Switch {
        guard let name = parts.name else { return .connect }
        let bytes = fields.storage.span.extracting(name)
        guard ByteScan.isToken(bytes), parts.path != nil else { throw .upgrade }
        var lowercased: [UInt8] = []
        for index in 0..<bytes.count { lowercased.append(asciiLowercased(bytes[index])) }
        return .upgrade(lowercased)
    }

    private static func requestLine(
        _ fields: HTTPFieldBlock, _ parts: RequestParts, method: Range<Int>, isConnect: Bool,
        _ lines: inout HTTP1LineWriter
    ) throws(HTTP1WriteError) {
        let bytes = fields.storage.span
        // Section 3.2: without an authority Host is there and empty.
        let authority = bytes.extracting(parts.authority ?? 0..<0)
        guard parts.authority == nil || HTTPAuthority.isValid(authority) else { throw .startLine }
        if isConnect, parts.name == nil {
            guard HTTPAuthority.isValid(authority, needsPort: true) else { throw .startLine }
            lines.append(text: "CONNECT ")
            lines.append(authority)
        } else {
            let path = bytes.extracting(parts.path ?? 0..<0)
            guard path.count > 0, ByteScan.isVisible(path), path[0] == 0x2f || path.equals("*") else {
                throw .startLine
            }
            if isConnect { lines.append(text: "GET") } else { lines.append(bytes.extracting(method)) }
            lines.append(text: " ")
            lines.append(path)
        }
        lines.append(text: " HTTP/1.1\r\nhost: ")
        lines.append(authority)
        lines.append(text: "\r\n")
    }

    /// Finds or makes the key of a WebSocket; true for any Upgrade.
    private func prepareUpgrade(_ fields: HTTPFieldBlock, _ exchange: inout HTTP1ExchangeState) -> Bool {
        guard case .upgrade(let name) = exchange.switching else { return false }
        guard name.span.equals("websocket") else { return true }
        if let key = fields.firstRange("sec-websocket-key") {
            exchange.webSocketKey.append(span: fields.storage.span.extracting(key))
        } else {
            exchange.webSocketKey = WebSocketKey.make(seed: configuration.webSocketSeed &+ counters.exchanges)
            exchange.isOwnWebSocketKey = true
        }
        return true
    }

    private static func upgrade(_ name: [UInt8], _ exchange: HTTP1ExchangeState, _ lines: inout HTTP1LineWriter) {
        lines.append(text: "upgrade: ")
        lines.append(name.span)
        lines.append(text: "\r\n")
        guard exchange.isOwnWebSocketKey else { return }
        lines.append(text: "sec-websocket-key: ")
        lines.append(exchange.webSocketKey.span)
        lines.append(text: "\r\n")
    }

    /// Connection and the fields that it names.
    private static func connection(
        acceptsTrailers: Bool, isUpgrade: Bool, isLast: Bool, _ lines: inout HTTP1LineWriter
    ) {
        if acceptsTrailers { lines.append(text: "te: trailers\r\n") }
        guard isUpgrade || acceptsTrailers || isLast else { return }
        lines.append(text: "connection: ")
        if isUpgrade { lines.append(text: "Upgrade") }
        if acceptsTrailers { lines.append(text: isUpgrade ? ", te" : "te") }
        if isLast, !isUpgrade { lines.append(text: acceptsTrailers ? ", close" : "close") }
        lines.append(text: "\r\n")
    }

    /// Methods whose requests say that they have no content (RFC 9110 section 8.6).
    private static func expectsContent(_ method: Span<UInt8>) -> Bool {
        method.equals("POST") || method.equals("PUT") || method.equals("PATCH")
    }
}
