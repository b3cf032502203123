import HTTPWire
import LinuxSystem

/// What a stream needs in message mode: the reader's closures and the bytes that wait for the peer's window.
@safe
final class StreamMessages {
    let onData: (UnsafeRawBufferPointer) -> Void
    let onEnd: (HTTPFieldBlock?) -> Void
    var trailers: HTTPFieldBlock?
    private var outgoing: [UInt8] = []
    private var sent = 0
    private var ending = false
    private var lastFields: HTTPFieldBlock?

    init(onData: @escaping (UnsafeRawBufferPointer) -> Void, onEnd: @escaping (HTTPFieldBlock?) -> Void) {
        unsafe self.onData = unsafe onData
        self.onEnd = onEnd
    }

    var pendingBytes: Int { outgoing.count - sent }

    func append(_ bytes: [UInt8]) -> Bool {
        guard !ending, pendingBytes + bytes.count <= RuntimeLimits.messageQueueBytes else { return false }
        outgoing.append(contentsOf: bytes)
        return true
    }

    func finish(_ fields: HTTPFieldBlock?) {
        ending = true
        lastFields = fields
    }

    /// Sends while window and room last.
    func pump(_ stream: TunnelStream) {
        let tunnel = stream.tunnel
        let payload = RuntimeLimits.recordBytes - RuntimeLimits.frameHeaderBytes
        while pendingBytes > 0, !stream.isGone {
            guard tunnel.hasRoom else { return tunnel.waitForRoom(stream) }
            let granted = stream.reserve(upTo: min(pendingBytes, payload * RuntimeLimits.stagedFrames))
            guard granted > 0 else { return }
            tunnel.loop.buffers.touch()
            unsafe outgoing.withUnsafeBytes { bytes in
                var placed = 0
                var frame = unsafe tunnel.loop.buffers.staging + RuntimeLimits.frameHeaderBytes
                while placed < granted, let base = bytes.baseAddress {
                    let length = min(granted - placed, payload)
                    unsafe frame.copyMemory(from: base + sent + placed, byteCount: length)
                    placed += length
                    unsafe frame += RuntimeLimits.recordBytes
                }
            }
            sent += granted
            tunnel.sendStaged(stream, granted)
        }
        guard pendingBytes == 0 else { return }
        outgoing.removeAll(keepingCapacity: sent <= RuntimeLimits.recordBytes)
        sent = 0
        guard ending, !stream.isGone else { return }
        guard let lastFields else { return stream.endLocal() }
        stream.respondTrailers(lastFields)
    }
}
