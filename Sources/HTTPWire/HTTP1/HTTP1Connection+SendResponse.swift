extension HTTP1Connection {
    /// Queues an interim or final response (RFC 9112 section 4).
    mutating func sendResponse(_ fields: HTTPFieldBlock, endStream: Bool) throws(HTTP1WriteError) {
        guard let status = fields.status, status >= 100, status != 101 else { throw .startLine }
        if status < 200 { return try sendInterim(fields, status: status, endStream: endStream) }
        if exchange.switching != .none, status < 300 {
            try sendTunnelResponse(fields, status: status)
            if endStream { outputPhase = .ended }
            return
        }
        if exchange.switching == .connect {
            // What the client has sent for the tunnel already must not be read as requests.
            exchange.keepsAlive = false
        }
        let hasNoContent = exchange.isHead || status == 204 || status == 304
        // A client that still waits for 100 may send its content or not: nobody can say what comes next (RFC 9110 section 10.1.1).
        var keepsAlive =
            exchange.keepsAlive && !isDraining && !exchange.awaitsContinue && (!endStream || isRequestComplete)
        let isHTTP10 = exchange.peerIsHTTP10
        var next = HTTP1OutputPhase.ended
        try output.appendLines(capacity: Self.room(for: fields)) { lines throws(HTTP1WriteError) in
            lines.statusLine(status)
            let declared = try lines.fields(fields, .server).declared
            if hasNoContent {
                if let declared, status != 204 { lines.contentLength(declared) }
                next = endStream ? .ended : .noContent
            } else if endStream {
                guard declared == nil || declared == 0 else { throw .contentLength }
                lines.contentLength(0)
            } else if let declared {
                lines.contentLength(declared)
                next = .length(declared)
            } else if isHTTP10 {
                keepsAlive = false
                next = .untilClose
            } else {
                lines.append(text: "transfer-encoding: chunked\r\n")
                next = .chunked
            }
            if !keepsAlive {
                lines.append(text: "connection: close\r\n")
            } else if isHTTP10 {
                lines.append(text: "connection: keep-alive\r\n")
            }
            lines.append(text: "\r\n")
        }
        exchange.keepsAlive = keepsAlive
        outputPhase = next
    }

    private var isRequestComplete: Bool {
        if case .held = inputPhase { return true }
        return false
    }

    private mutating func sendInterim(
        _ fields: HTTPFieldBlock, status: Int, endStream: Bool
    ) throws(HTTP1WriteError) {
        guard !endStream else { throw .startLine }
        // RFC 9110 section 15.2: not to a client of HTTP/1.0.
        guard !exchange.peerIsHTTP10 else { return }
        try output.appendLines(capacity: Self.room(for: fields)) { lines throws(HTTP1WriteError) in
            lines.statusLine(status)
            _ = try lines.fields(fields, .server)
            lines.append(text: "\r\n")
        }
        if status == 100 { exchange.awaitsContinue = false }
    }

    /// The 2xx that accepts a tunnel: 101 where the client asked by Upgrade.
    private mutating func sendTunnelResponse(_ fields: HTTPFieldBlock, status: Int) throws(HTTP1WriteError) {
        var name: [UInt8] = []
        if case .upgrade(let asked) = exchange.switching { name = asked }
        let needsProof = !exchange.webSocketKey.isEmpty && fields.firstRange("sec-websocket-accept") == nil
        let proof = needsProof ? WebSocketKey.accept(for: exchange.webSocketKey) : []
        let room = Self.room(for: fields, name.count + proof.count)
        try output.appendLines(capacity: room) { lines throws(HTTP1WriteError) in
            lines.statusLine(name.isEmpty ? status : 101)
            _ = try lines.fields(fields, .server)
            if !name.isEmpty {
                lines.append(text: "connection: Upgrade\r\nupgrade: ")
                lines.append(name.span)
                lines.append(text: "\r\n")
            }
            if !proof.isEmpty {
                lines.append(text: "sec-websocket-accept: ")
                lines.append(proof.span)
                lines.append(text: "\r\n")
            }
            lines.append(text: "\r\n")
        }
        counters.tunnels &+= 1
        exchange.keepsAlive = false
        inputPhase = .tunnel
        outputPhase = .tunnel
    }
}
