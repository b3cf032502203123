import HTTPWire
import LinuxSystem

/// A channel over a stream of a tunnel.
@safe
final class StreamChannel: ByteChannel {
    private let stream: TunnelStream
    private var backlog: Backlog?
    private var isFinishing = false

    init(_ stream: TunnelStream) {
        self.stream = stream
        super.init(stream.tunnel.loop)
    }

    override var queuedBytes: Int { backlog?.count ?? 0 }
    override var isOpen: Bool { !stream.isGone }

    override func start() {
        guard !stream.isGone, stream.relay == nil, stream.messages == nil, stream.channel == nil else {
            loop.schedule(after: .zero) { [self] in lost("the stream was over before it was used") }
            return
        }
        stream.channel = self
        stream.onEnd = nil
        if let early = stream.takeEarly() {
            while early.count > 0, isOpen {
                // Not the worker's scratch: the owner may send while it reads.
                var vector = unsafe IOVector(base: nil, count: 0)
                _ = unsafe early.describe(into: &vector, limit: 1)
                let count = unsafe vector.count
                unsafe onBytes?(UnsafeRawBufferPointer(start: vector.base, count: count))
                early.consume(count)
            }
        }
        if isOpen { stream.passOnEnd() }
    }

    override func send(_ bytes: UnsafeRawBufferPointer) {
        guard isOpen, !isFinishing, bytes.count > 0 else { return }
        var sent = 0
        if backlog == nil { sent = unsafe pass(bytes) }
        guard sent < bytes.count, isOpen else { return }
        let backlog = self.backlog ?? Backlog(pool: loop.buffers.chunks)
        self.backlog = backlog
        guard unsafe !backlog.append(UnsafeRawBufferPointer(rebasing: bytes[sent...])) else { return }
        close(reset: true, .internalError)
        loop.schedule(after: .zero) { [self] in lost("no memory for the bytes that wait") }
    }

    override func credit(_ count: Int) {
        // After both ends too: the connection's window has what was not credited yet.
        stream.credit(count)
    }

    override func finish() {
        guard !isFinishing else { return }
        isFinishing = true
        if backlog == nil { stream.endLocal() }
    }

    override func close(reset: Bool) {
        forget()
        if !reset, backlog == nil { stream.endLocal() }
        close(reset: true, reset ? resetCode : .noError)
    }

    private func close(reset: Bool, _ code: HTTP2ErrorCode) {
        detach()
        backlog = nil
        stream.reset(code)
    }

    private func detach() {
        if stream.channel === self { stream.channel = nil }
    }

    private var resetCode: HTTP2ErrorCode { stream.tunnel.role == .client ? .cancel : .connectError }

    /// Passes bytes to the tunnel while window and room last; returns how many.
    private func pass(_ bytes: UnsafeRawBufferPointer) -> Int {
        let tunnel = stream.tunnel
        let payload = RuntimeLimits.recordBytes - RuntimeLimits.frameHeaderBytes
        var sent = 0
        while sent < bytes.count, isOpen, let base = bytes.baseAddress {
            guard tunnel.hasRoom else {
                tunnel.waitForRoom(stream)
                break
            }
            let granted = stream.reserve(upTo: min(bytes.count - sent, payload * RuntimeLimits.stagedFrames))
            guard granted > 0 else { break }
            loop.buffers.touch()
            var placed = 0
            var frame = unsafe loop.buffers.staging + RuntimeLimits.frameHeaderBytes
            while placed < granted {
                let length = min(granted - placed, payload)
                unsafe frame.copyMemory(from: base + sent + placed, byteCount: length)
                placed += length
                unsafe frame += RuntimeLimits.recordBytes
            }
            sent += granted
            tunnel.sendStaged(stream, granted)
        }
        return sent
    }

    // MARK: from the stream

    func arrived(_ bytes: UnsafeRawBufferPointer) {
        guard let body = unsafe onBytes else { return stream.credit(bytes.count) }
        unsafe body(bytes)
    }

    func streamEnded() { onEnd?() }

    func canSend() {
        while let backlog, isOpen {
            var vector = unsafe IOVector(base: nil, count: 0)
            _ = unsafe backlog.describe(into: &vector, limit: 1)
            let count = unsafe vector.count
            let sent = unsafe pass(UnsafeRawBufferPointer(start: vector.base, count: count))
            backlog.consume(sent)
            if backlog.count == 0 { self.backlog = nil }
            guard sent == count else { return }
        }
        guard isOpen, backlog == nil else { return }
        if isFinishing { stream.endLocal() }
        onRoom?()
    }

    /// The server has said all, and wants nothing more (RFC 9113 section 8.1): what waits is dropped, and nobody is to wait for it.
    func streamStopped() {
        detach()
        backlog = nil
        onRoom?()
    }

    func streamLost(_ reason: String) {
        detach()
        backlog = nil
        lost(reason)
    }
}
