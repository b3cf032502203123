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
        try writeRequestLine(fields, parts, method: method, isConnect: isConnect)
        if case .upgrade(let name) = next.switching { try writeUpgrade(fields, name, into: &next) }
        let (declared, acceptsTrailers) = try writeFields(fields)
        var phase = HTTP1OutputPhase.ended
        if next.switching != .none {
            phase = .awaitingTunnel
        } else if endStream {
            guard declared == nil || declared == 0 else { throw .contentLength }
            if declared != nil || Self.expectsContent(bytes.extracting(method)) { writeContentLength(0) }
        } else if let declared {
            writeContentLength(declared)
            phase = .length(declared)
        } else {
            output.append(text: "transfer-encoding: chunked\r\n")
            phase = .chunked
        }
        let isLast = isDraining || configuration.exchanges > 0 && counters.exchanges + 1 >= configuration.exchanges
        writeConnection(
            acceptsTrailers: acceptsTrailers, isUpgrade: next.switching != .none && next.switching != .connect,
            isLast: isLast)
        output.append(text: "\r\n")
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

    private mutating func writeRequestLine(
        _ fields: HTTPFieldBlock, _ parts: RequestParts, method: Range<Int>, isConnect: Bool
    ) throws(HTTP1WriteError) {
        let bytes = fields.storage.span
        // Section 3.2: without an authority Host is there and empty.
        let authority = bytes.extracting(parts.authority ?? 0..<0)
        guard parts.authority == nil || HTTPAuthority.isValid(authority) else { throw .startLine }
        output.reserveCapacity(output.count + fields.storage.count + 256)
        if isConnect, parts.name == nil {
            guard HTTPAuthority.isValid(authority, needsPort: true) else { throw .startLine }
            output.append(text: "CONNECT ")
            output.append(span: authority)
        } else {
            let path = bytes.extracting(parts.path ?? 0..<0)
            guard path.count > 0, ByteScan.isVisible(path), path[0] == 0x2f || path.equals("*") else {
                throw .startLine
            }
            if isConnect { output.append(text: "GET") } else { output.append(span: bytes.extracting(method)) }
            output.append(0x20)
            output.append(span: path)
        }
        output.append(text: " HTTP/1.1\r\nhost: ")
        output.append(span: authority)
        output.append(text: "\r\n")
    }

    private mutating func writeUpgrade(
        _ fields: HTTPFieldBlock, _ name: [UInt8], into exchange: inout HTTP1ExchangeState
    ) throws(HTTP1WriteError) {
        output.append(text: "upgrade: ")
        output.append(contentsOf: name)
        output.append(text: "\r\n")
        guard name.span.equals("websocket") else { return }
        if let key = fields.firstRange("sec-websocket-key") {
            exchange.webSocketKey.append(span: fields.storage.span.extracting(key))
            return
        }
        exchange.webSocketKey = WebSocketKey.make(seed: configuration.webSocketSeed &+ counters.exchanges)
        exchange.isOwnWebSocketKey = true
        output.append(text: "sec-websocket-key: ")
        output.append(contentsOf: exchange.webSocketKey)
        output.append(text: "\r\n")
    }

    /// Connection and the fields that it names.
    private mutating func writeConnection(acceptsTrailers: Bool, isUpgrade: Bool, isLast: Bool) {
        if acceptsTrailers { output.append(text: "te: trailers\r\n") }
        guard isUpgrade || acceptsTrailers || isLast else { return }
        output.append(text: "connection: ")
        if isUpgrade { output.append(text: "Upgrade") }
        if acceptsTrailers { output.append(text: isUpgrade ? ", te" : "te") }
        if isLast, !isUpgrade { output.append(text: acceptsTrailers ? ", close" : "close") }
        output.append(text: "\r\n")
    }

    /// Methods whose requests say that they have no content (RFC 9110 section 8.6).
    private static func expectsContent(_ method: Span<UInt8>) -> Bool {
        method.equals("POST") || method.equals("PUT") || method.equals("PATCH")
    }
}
