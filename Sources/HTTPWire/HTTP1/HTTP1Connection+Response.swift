extension HTTP1Connection {
    /// The head of a response is complete: checks it as a whole and reports it.
    mutating func finishResponseHead(events: inout [HTTP1Event]) throws(HTTP1ParseError) {
        guard let status = reader.fields.status else { throw .statusLine }
        let framing = try reader.facts.framing()
        try reader.removeNominated(limit: configuration.limits.connectionOptions)
        if status < 200, status != 101 { return try informational(events: &events) }
        let isTunnel: Bool
        switch exchange.switching {
        case .none:
            guard status != 101 else { throw .upgrade }
            isTunnel = false
        case .connect:
            guard status != 101 else { throw .upgrade }
            isTunnel = status < 300
        case .upgrade(let asked):
            // A success that is not 101 would be taken for the tunnel by whoever speaks HTTP/2.
            guard status == 101 || status >= 300 else { throw .upgrade }
            isTunnel = status == 101
            if isTunnel { try acceptUpgrade(asked) }
        }
        if isTunnel { return beginTunnel(events: &events) }
        if exchange.switching != .none {
            if exchange.switching == .connect { exchange.keepsAlive = false }
            outputPhase = .ended
        }
        exchange.keepsAlive = exchange.keepsAlive && reader.facts.keepsAlive
        let hasNoContent = exchange.isHead || status == 204 || status == 304
        if status == 204 {
            // Content that must not be: whether it follows all the same, nobody knows (section 6.3).
            if framing != nil, framing != .length(0) { exchange.keepsAlive = false }
            if framing != nil { reader.fields.removeAll(named: "content-length") }
        }
        var fields = HTTPFieldBlock()
        swap(&fields, &reader.fields)
        if hasNoContent || framing == .length(0) {
            events.append(.headers(fields, endStream: true))
            messageReceived()
            return
        }
        if framing == nil { exchange.keepsAlive = false }
        inputPhase = .content(try HTTP1ContentReader(framing ?? .untilClose, limits: configuration.limits))
        events.append(.headers(fields, endStream: false))
    }

    private mutating func informational(events: inout [HTTP1Event]) throws(HTTP1ParseError) {
        exchange.informationalResponses += 1
        guard exchange.informationalResponses <= configuration.limits.informationalResponses else {
            throw .tooManyInformationalResponses
        }
        if reader.facts.contentLengths > 0 { reader.fields.removeAll(named: "content-length") }
        events.append(.headers(reader.fields, endStream: false))
        reader.begin()
        inputPhase = .startLine(emptyLines: 0)
    }

    /// 101 must be for the protocol that was asked for (RFC 9110 section 7.8), and for a key of ours prove that the server read it
    /// (RFC 6455 section 4.1).
    private mutating func acceptUpgrade(_ asked: [UInt8]) throws(HTTP1ParseError) {
        guard reader.facts.options.contains(.upgrade), reader.facts.upgrade == asked else { throw .upgrade }
        guard exchange.isOwnWebSocketKey else { return }
        guard let accept = reader.fields.firstRange("sec-websocket-accept"),
            Array(reader.fields.storage[accept]) == WebSocketKey.accept(for: exchange.webSocketKey)
        else { throw .upgrade }
        reader.fields.removeAll(named: "sec-websocket-accept")
    }

    /// In HTTP/2 a tunnel is accepted with 200, whatever HTTP/1.1 said.
    private mutating func beginTunnel(events: inout [HTTP1Event]) {
        var fields = HTTPFieldBlock()
        let isUpgrade = exchange.switching != .connect
        reader.fields.forEach { name, value, sensitive in
            if isUpgrade, name.equals(":status") {
                fields.append(name: ":status", value: "200")
            } else if !name.equals("content-length") {
                fields.append(name: name, value: value, sensitive: sensitive)
            }
        }
        reader.begin()
        counters.tunnels &+= 1
        exchange.keepsAlive = false
        inputPhase = .tunnel
        outputPhase = .tunnel
        events.append(.headers(fields, endStream: false))
    }
}
