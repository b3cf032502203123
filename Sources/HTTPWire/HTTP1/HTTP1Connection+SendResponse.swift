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
        writeStatusLine(status)
        let declared = try writeFields(fields).declared
        let hasNoContent = exchange.isHead || status == 204 || status == 304
        var next = HTTP1OutputPhase.ended
        if hasNoContent {
            if let declared, status != 204 { writeContentLength(declared) }
            next = endStream ? .ended : .noContent
        } else if endStream {
            guard declared == nil || declared == 0 else { throw .contentLength }
            writeContentLength(0)
        } else if let declared {
            writeContentLength(declared)
            next = .length(declared)
        } else if exchange.peerIsHTTP10 {
            exchange.keepsAlive = false
            next = .untilClose
        } else {
            output.append(text: "transfer-encoding: chunked\r\n")
            next = .chunked
        }
        // A client that still waits for 100 may send its content or not: nobody can say what comes next (RFC 9110 section 10.1.1).
        if endStream && !isRequestComplete || exchange.awaitsContinue { exchange.keepsAlive = false }
        if !exchange.keepsAlive || isDraining {
            exchange.keepsAlive = false
            output.append(text: "connection: close\r\n")
        } else if exchange.peerIsHTTP10 {
            output.append(text: "connection: keep-alive\r\n")
        }
        output.append(text: "\r\n")
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
        writeStatusLine(status)
        _ = try writeFields(fields)
        output.append(text: "\r\n")
        if status == 100 { exchange.awaitsContinue = false }
    }

    /// The 2xx that accepts a tunnel: 101 where the client asked by Upgrade.
    private mutating func sendTunnelResponse(_ fields: HTTPFieldBlock, status: Int) throws(HTTP1WriteError) {
        switch exchange.switching {
        case .none: return
        case .connect:
            writeStatusLine(status)
            _ = try writeFields(fields)
        case .upgrade(let name):
            writeStatusLine(101)
            _ = try writeFields(fields)
            output.append(text: "connection: Upgrade\r\nupgrade: ")
            output.append(contentsOf: name)
            output.append(text: "\r\n")
            if !exchange.webSocketKey.isEmpty, fields.firstRange("sec-websocket-accept") == nil {
                output.append(text: "sec-websocket-accept: ")
                output.append(contentsOf: WebSocketKey.accept(for: exchange.webSocketKey))
                output.append(text: "\r\n")
            }
        }
        output.append(text: "\r\n")
        counters.tunnels &+= 1
        exchange.keepsAlive = false
        inputPhase = .tunnel
        outputPhase = .tunnel
    }

    mutating func writeStatusLine(_ status: Int) {
        output.append(text: "HTTP/1.1 ")
        output.append(decimal: UInt64(status))
        output.append(0x20)
        output.append(contentsOf: HTTP1Reason.phrase(of: status).utf8)
        output.append(text: "\r\n")
    }
}
