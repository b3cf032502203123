/// The two ends of OpenSSL's BIO: the input of the current `receive`, and the output that waits to be sent.
///
/// Lives at a fixed address that the BIO's callbacks know; owned by one `TLSSession`.
@unsafe
struct CiphertextQueue {
    /// Most that a session may have waiting. Beyond it writes fail; the runtime stops long before.
    static let outputLimit = 64 * 1024 * 1024

    var input: UnsafeRawPointer?
    var inputCount = 0
    var output = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
    var outputStart = 0
    var outputEnd = 0
    let pool: CiphertextPool

    init(pool: CiphertextPool) {
        unsafe self.pool = pool
    }

    var outputCount: Int { unsafe outputEnd &- outputStart }

    /// Moves input to OpenSSL; 0 if there is none.
    mutating func read(into destination: UnsafeMutableRawPointer, upTo limit: Int) -> Int {
        let count = unsafe min(limit, inputCount)
        guard count > 0, let source = unsafe input else { return 0 }
        unsafe destination.copyMemory(from: source, byteCount: count)
        unsafe input = source + count
        unsafe inputCount &-= count
        return count
    }

    /// Takes encrypted bytes; false if there is no room for them in memory.
    mutating func write(_ source: UnsafeRawPointer, count: Int) -> Bool {
        if unsafe output.count &- outputEnd < count {
            guard unsafe makeRoom(for: count) else { return false }
        }
        guard let base = unsafe output.baseAddress else { return false }
        unsafe (base + outputEnd).copyMemory(from: source, byteCount: count)
        unsafe outputEnd &+= count
        return true
    }

    private mutating func makeRoom(for count: Int) -> Bool {
        let waiting = unsafe outputCount
        let needed = waiting &+ count
        guard unsafe needed <= Self.outputLimit else { return false }
        if unsafe needed <= output.count, let base = unsafe output.baseAddress {
            unsafe memmoveDown(base, waiting)
            return true
        }
        guard let larger = unsafe pool.take(minimum: max(needed, 2 &* output.count)), let base = larger.baseAddress
        else { return false }
        if waiting > 0, let old = unsafe output.baseAddress {
            unsafe base.copyMemory(from: old + outputStart, byteCount: waiting)
        }
        unsafe pool.give(output)
        unsafe output = larger
        unsafe outputStart = 0
        unsafe outputEnd = waiting
        return true
    }

    private mutating func memmoveDown(_ base: UnsafeMutableRawPointer, _ waiting: Int) {
        unsafe base.copyMemory(from: base + outputStart, byteCount: waiting)
        unsafe outputStart = 0
        unsafe outputEnd = waiting
    }

    /// Drops `count` bytes that were sent; an empty queue gives its buffer back.
    mutating func consume(_ count: Int) {
        unsafe outputStart = min(outputStart &+ max(count, 0), outputEnd)
        guard unsafe outputStart == outputEnd else { return }
        unsafe releaseOutput()
    }

    mutating func releaseOutput() {
        unsafe pool.give(output)
        unsafe output = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        unsafe outputStart = 0
        unsafe outputEnd = 0
    }
}
