import HTTPWire
import LinuxSystem
import TLSEngine

/// The large buffers of one worker. They belong to the loop, not to its connections, so an idle connection holds none and a busy
/// one needs no allocation (section 5). Their pages go back to the kernel when the worker has been idle.
@safe
final class WorkerBuffers {
    /// Captured bytes on their way into a tunnel: frames of 16,384 bytes whose first nine are left free for the header.
    let staging: UnsafeMutableRawPointer
    /// One element a frame, over its payload.
    let stagingVectors: UnsafeMutablePointer<IOVector>
    /// Bytes as received from a tunnel or a plain socket.
    let received: UnsafeMutableRawBufferPointer
    /// What `received` decrypts to. As large, so one receive never overflows it.
    let plaintext: UnsafeMutableRawBufferPointer
    /// Scratch for one `sendmsg`.
    let vectors: UnsafeMutablePointer<IOVector>
    /// Encrypted bytes that wait to be sent.
    let ciphertext = CiphertextPool()
    /// Bytes that a TCP socket did not take.
    let chunks = ChunkPool()
    /// Small frames of the current turn.
    let records = RecordPool()
    // The property marked unchecked is changed by nothing that leads back to it (docs/design/bench.md).
    /// Bytes that leave together.
    @safe @exclusivity(unchecked) var pieces = PiecePool()
    /// Fragments of DATA of the current batch.
    var gather: GatherList
    /// Reused by every batch.
    var events: [HTTP2Event] = []
    private(set) var uses: UInt64 = 0
    private(set) var isTouched = false

    static let vectorCount = 1024
    private static let stagingBytes = RuntimeLimits.stagedFrames * RuntimeLimits.recordBytes
    private static let payloadBytes = RuntimeLimits.recordBytes - RuntimeLimits.frameHeaderBytes

    init() throws(Errno) {
        let total = Self.stagingBytes + 2 * RuntimeLimits.receiveBytes
        guard let base = unsafe Memory.map(total) else { throw .noMemory }
        unsafe staging = unsafe base
        unsafe received = unsafe UnsafeMutableRawBufferPointer(
            start: base + Self.stagingBytes, count: RuntimeLimits.receiveBytes)
        unsafe plaintext = unsafe UnsafeMutableRawBufferPointer(
            start: base + Self.stagingBytes + RuntimeLimits.receiveBytes, count: RuntimeLimits.receiveBytes)
        unsafe stagingVectors = .allocate(capacity: RuntimeLimits.stagedFrames)
        for frame in 0..<RuntimeLimits.stagedFrames {
            let payload = unsafe base + frame * RuntimeLimits.recordBytes + RuntimeLimits.frameHeaderBytes
            unsafe (stagingVectors + frame).initialize(to: IOVector(base: payload, count: Self.payloadBytes))
        }
        unsafe vectors = .allocate(capacity: Self.vectorCount)
        unsafe vectors.initialize(repeating: IOVector(base: nil, count: 0), count: Self.vectorCount)
        gather = GatherList()
    }

    deinit {
        unsafe Memory.unmap(staging, Self.stagingBytes + 2 * RuntimeLimits.receiveBytes)
        unsafe stagingVectors.deallocate()
        unsafe vectors.deallocate()
    }

    /// Called by whoever writes into a buffer.
    @inline(__always)
    func touch() {
        uses &+= 1
        isTouched = true
    }

    /// Gives the pages back; the next use finds zeroed ones.
    func returnPages() {
        isTouched = false
        unsafe Memory.dropPages(staging, Self.stagingBytes + 2 * RuntimeLimits.receiveBytes)
        ciphertext.trim()
        chunks.trim()
        records.trim()
        pieces.trim()
    }
}
