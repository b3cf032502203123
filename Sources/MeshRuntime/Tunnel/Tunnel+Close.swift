import HTTPWire
import LinuxSystem
import TLSEngine

extension Tunnel {
    /// The peer ended the connection, with or without close_notify.
    func peerClosed() {
        if http.isGoingAway, streams.isEmpty { return drained() }
        let open = streams.count
        let rest = open == 0 ? "" : " with \(open) streams open"
        end(TunnelClosure(reason: .closedByPeer, message: "\(remote) closed the tunnel\(rest)"))
    }

    /// The TCP connection is gone: nothing can be said any more.
    func connectionLost(_ error: Errno) {
        if state == .open {
            flags.remove(.writable)
            end(TunnelClosure(reason: .connectionLost, message: "the tunnel to \(remote) broke: \(error)"))
        }
        destroy()
    }

    /// The last stream of a tunnel that goes away has ended. Its last bytes may still wait here, and are as good as any: it is over when
    /// the socket has them, or the peer has taken none of them for `EventLoop.outputPatience`.
    func endAfterOutput() {
        guard session.outputCount > 0 || http.hasOutput else { return drained() }
        guard !flags.contains(.endingAfterOutput) else { return }
        flags.insert(.endingAfterOutput)
        watchOutput(untakenBytes)
    }

    /// With what the kernel has and the peer has not taken.
    private var untakenBytes: Int {
        session.outputCount + (raw.map(Socket.unacknowledgedBytes) ?? 0)
    }

    private func watchOutput(_ before: Int) {
        loop.schedule(after: loop.outputPatience) { [weak self] in
            guard let self, state == .open else { return }
            let now = untakenBytes
            if now < before { watchOutput(now) } else { drained() }
        }
    }

    /// Nothing is left to be said.
    private func drained() {
        end(TunnelClosure(reason: .drained, message: "the tunnel to \(remote) was drained"))
    }

    /// Ends all streams, tells the owner, and sends the last bytes.
    func end(_ closure: TunnelClosure) {
        guard state == .open else { return }
        state = .closing
        session.discardInput()
        let ended = streams
        streams = [:]
        waiting = []
        for stream in ended.values { stream.tunnelClosed(closure) }
        http.leaveMemory()
        let body = onClosed
        onClosed = nil
        onRequest = nil
        body?(closure)
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(after: RuntimeLimits.closeLinger) { [self] in
            timer = nil
            destroy()
        }
        // The frames of this turn go out first; the caller may be in the middle of one.
        loop.flushAtTurnEnd(self)
    }

    /// Sends the rest and FIN, then waits for the peer's: a close with unread input would send RST, which may overtake the
    /// GOAWAY or alert that says why.
    func advanceClosing() {
        if !flags.contains(.closeNotified) {
            flags.insert(.closeNotified)
            sealEverything()
            session.close()
        }
        sendOutput()
        guard state == .closing, let raw = socket?.raw else { return }
        if session.outputCount == 0, !flags.contains(.finished) {
            flags.insert(.finished)
            _ = try? Socket.shutdownWriting(raw)
        }
        if flags.contains(.broken) { return destroy() }
        guard flags.contains(.readable) else { return }
        var budget = RuntimeLimits.tunnelBytesPerTurn
        while true {
            // A peer that goes on sending must not keep the loop from its timers, nor from others.
            guard budget > 0 else { return loop.continueNextTurn(self) }
            guard let result = unsafe try? Transfer.receive(raw, into: loop.buffers.received) else { return destroy() }
            guard case .bytes(let count) = result else {
                flags.remove(.readable)
                return
            }
            budget -= count
            if count == 0 {
                if flags.contains(.finished) { destroy() }
                return
            }
        }
    }

    /// Closes the socket.
    func destroy() {
        guard state != .closed else { return }
        state = .closed
        loop.deregister(self)
        socket = nil
        loop.connectionsClosed &+= 1
        if let timer { loop.cancel(timer) }
        timer = nil
        if session.outputCount > 0 { session.consumeOutput(session.outputCount) }
    }
}
