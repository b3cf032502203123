import HTTPWire

/// The client's side of a call: it starts, feeds and ends it.
extension GRPCStream {
    /// Whether the call's content waits for a connection.
    var isWaiting: Bool { stream == nil && !isOver }

    /// Opens the call on a tunnel and sends what was queued.
    func start(on tunnel: Tunnel, authority: String, userAgent: String) {
        guard isWaiting else { return }
        var fields = HTTPFieldBlock.grpcRequest(
            path: path, authority: authority, timeout: timeout, userAgent: userAgent)
        for (name, value) in headers { fields.append(name: name, value: value) }
        let opened = tunnel.open(
            fields,
            onResponse: { [weak self] _, fields, endStream in
                guard let self else { return }
                take(call.receive(headers: fields, endStream: endStream))
            },
            onEnd: { [weak self] _, end in self?.ended(end) })
        guard let opened else {
            return finish(GRPCStatus(code: .unavailable, message: "the server takes no more calls on this connection"))
        }
        stream = opened
        unsafe opened.receiveMessages(
            onData: { [weak self] bytes in
                guard let self else { return }
                // Sound: the call copies what it keeps.
                unsafe take(call.receive(bytes))
            },
            onEnd: { [weak self] trailers in
                guard let self else { return }
                guard let trailers else {
                    return finish(GRPCStatus(code: .unknown, message: "the server ended the call without a status"))
                }
                take(call.receive(trailers: trailers))
            })
        let queued = queue
        queue = []
        if !queued.isEmpty || endsAfterQueue { opened.send(queued, endStream: endsAfterQueue) }
    }

    /// Ends the call with a status of this side.
    func finish(_ status: GRPCStatus) {
        guard !isOver else { return }
        take(call.lost(status))
    }

    private func ended(_ end: StreamEnd) {
        stream = nil
        switch end {
        case .finished:
            finish(GRPCStatus(code: .unknown, message: "the server ended the call without a status"))
        case .reset(let code, let byPeer):
            finish(
                GRPCStatus(
                    code: .unavailable, message: "the call was reset \(byPeer ? "by the server" : "here"): \(code)"))
        case .tunnelClosed(let closure):
            finish(GRPCStatus(code: .unavailable, message: closure.message))
        }
    }

    private func take(_ outcome: GRPCCall.Outcome) {
        switch outcome {
        case .messages(let messages): deliver(messages)
        case .ended(let messages, let status):
            deliver(messages)
            guard !isOver else { return }
            isOver = true
            stream?.reset(.cancel)
            stream = nil
            onEnd(status)
        }
    }

    private func deliver(_ messages: [[UInt8]]) {
        for message in messages where !isOver { onMessage(message) }
    }
}
