import HTTPWire
import LinuxSystem

/// A relay between a TCP connection (first) and a stream of a tunnel (second).
@safe
final class StreamRelay: Relay {
    private let tcp: TCPConnection
    private let stream: TunnelStream

    init(_ tcp: TCPConnection, _ stream: TunnelStream, _ onEnd: @escaping (RelayReport) -> Void) {
        self.tcp = tcp
        self.stream = stream
        super.init(tcp.loop, onEnd)
    }

    /// Both ends, for tests that weigh them.
    var ends: (tcp: TCPConnection, stream: TunnelStream) { (tcp, stream) }

    func begin() {
        guard tcp.isOpen else {
            stream.reset(resetCode)
            return finish(.resetByFirst)
        }
        guard !stream.isGone, stream.relay == nil, stream.messages == nil else {
            tcp.reset()
            return finish(.resetBySecond)
        }
        stream.relay = self
        stream.onEnd = nil
        tcp.attach(self)
        if let early = stream.takeEarly() { passEarly(early) }
        if !isOver { stream.passOnEnd() }
        if !isOver { connectionReady(tcp) }
    }

    /// What the peer of the tunnel is told about a broken TCP connection: CANCEL from the side that asked for the stream,
    /// CONNECT_ERROR from the side that made the connection (RFC 9113 section 8.5).
    private var resetCode: HTTP2ErrorCode { stream.tunnel.role == .client ? .cancel : .connectError }

    // MARK: TCP to stream

    override func connectionReady(_ connection: TCPConnection) {
        guard !isOver else { return }
        if tcp.flags.contains(.broken) { return tcpBroke() }
        if tcp.hasBacklog, tcp.flags.contains(.writable) { flush() }
        canSend()
    }

    override func connectionResumed(_ connection: TCPConnection) {
        connectionReady(connection)
    }

    /// Moves bytes from the socket to the stream: one batch a turn.
    func canSend() {
        guard !isOver, progress.fromFirst == .open, tcp.flags.contains(.readable) else { return }
        let tunnel = stream.tunnel
        guard tunnel.hasRoom else { return tunnel.waitForRoom(stream) }
        var budget = RuntimeLimits.streamBytesPerTurn
        while tcp.flags.contains(.readable) {
            guard budget > 0 else { return loop.continueNextTurn(tcp) }
            let granted = stream.reserve(upTo: budget)
            guard granted > 0 else { return }
            do throws(Errno) {
                guard case .bytes(let count) = try tcp.readStaged(upTo: granted) else { return }
                guard count > 0 else { return tcpEnded() }
                self.count(count, from: .first)
                tunnel.sendStaged(stream, count)
                budget -= count
            } catch {
                return tcpBroke()
            }
            if isOver { return }
        }
    }

    private func tcpEnded() {
        tcp.flags.remove(.readable)
        guard progress.ended(.first) else { return }
        stream.endLocal()
        if progress.passed(.first) { over() }
    }

    private func tcpBroke() {
        stream.relay = nil
        stream.reset(resetCode)
        tcp.close()
        finish(.resetByFirst)
    }

    // MARK: stream to TCP

    func arrived(_ vectors: UnsafeMutablePointer<IOVector>, count: Int, total: Int) {
        guard !isOver else { return stream.credit(total) }
        self.count(total, from: .second)
        do throws(Errno) {
            unsafe stream.credit(try tcp.send(vectors, count: count, total: total))
        } catch {
            error == .noMemory ? fail("no memory for the bytes that wait for \(tcp.peer)") : tcpBroke()
        }
    }

    private func passEarly(_ early: Backlog) {
        let vectors = unsafe loop.buffers.vectors
        while early.count > 0, !isOver {
            let count = unsafe early.describe(into: vectors, limit: 16)
            var total = 0
            for index in 0..<count { unsafe total += vectors[index].count }
            unsafe arrived(vectors, count: count, total: total)
            early.consume(total)
        }
    }

    func streamEnded() {
        guard !isOver, progress.ended(.second) else { return }
        // The close that follows sends FIN by itself.
        if progress.fromFirst == .passed, !tcp.hasBacklog {
            _ = progress.passed(.second)
            return over()
        }
        tcp.finishWriting()
        secondPassed()
    }

    private func flush() {
        do throws(Errno) {
            stream.credit(try tcp.flush())
            secondPassed()
        } catch {
            tcpBroke()
        }
    }

    private func secondPassed() {
        guard tcp.flags.contains(.finished), progress.passed(.second) else { return }
        over()
    }

    // MARK: ends

    func streamReset(_ code: HTTP2ErrorCode, byPeer: Bool) {
        guard !isOver else { return }
        guard byPeer, code == .noError else {
            stream.relay = nil
            tcp.reset()
            return finish(
                byPeer ? .resetBySecond : .failed("the peer broke the rules of HTTP/2 on \(stream.id): \(code)"))
        }
        // The peer wants nothing more and reports no error (RFC 9113 section 8.1): what it sent still goes out, then FIN.
        // Its END_STREAM may have been passed on before the reset came: then nothing else ends the relay.
        if progress.ended(.first), progress.passed(.first) { return over() }
        _ = progress.ended(.second)
        tcp.finishWriting()
        secondPassed()
    }

    func tunnelClosed(_ closure: TunnelClosure) {
        fail(closure.message)
    }

    private func fail(_ reason: String) {
        guard !isOver else { return }
        stream.relay = nil
        stream.reset(.internalError)
        tcp.reset()
        finish(.failed(reason))
    }

    private func over() {
        guard !isOver else { return }
        stream.relay = nil
        tcp.close()
        finish(.closed)
    }

    override func terminate(reset: Bool) {
        guard !isOver else { return }
        stream.relay = nil
        if reset {
            stream.reset(resetCode)
            tcp.reset()
        } else {
            stream.endLocal()
            stream.reset(.noError)
            tcp.close()
        }
        finish(.terminated)
    }
}
