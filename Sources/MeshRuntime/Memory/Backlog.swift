import LinuxSystem

/// Bytes that wait for a socket, in order, in chunks of the worker's pool. Bounded by whoever appends: the stream's window for
/// tunnelled bytes, a named limit elsewhere. Exists only while there is something in it.
@safe
final class Backlog {
    @unsafe private struct Chunk {
        var base: UnsafeMutableRawPointer
        var start: Int
        var end: Int
    }

    private let pool: ChunkPool
    private var chunks: [Chunk] = unsafe []
    private var first = 0
    /// Bytes waiting.
    private(set) var count = 0

    init(pool: ChunkPool) {
        self.pool = pool
    }

    deinit {
        for index in unsafe first..<chunks.count { unsafe pool.give(chunks[index].base) }
    }

    /// Copies `bytes` to the end; false when the kernel has no memory (then only a part was taken and the connection is lost).
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = unsafe bytes
        while rest.count > 0, let source = rest.baseAddress {
            if unsafe chunks.count == first || chunks[chunks.count - 1].end == RuntimeLimits.chunkBytes {
                guard let base = unsafe pool.take() else { return false }
                unsafe chunks.append(Chunk(base: base, start: 0, end: 0))
            }
            let last = unsafe chunks.count - 1
            let room = unsafe min(rest.count, RuntimeLimits.chunkBytes - chunks[last].end)
            unsafe (chunks[last].base + chunks[last].end).copyMemory(from: source, byteCount: room)
            unsafe chunks[last].end += room
            count += room
            unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[room...])
        }
        return true
    }

    /// Describes up to `limit` chunks from the front.
    func describe(into vectors: UnsafeMutablePointer<IOVector>, limit: Int) -> Int {
        var filled = 0
        var index = first
        while unsafe index < chunks.count, filled < limit {
            let chunk = unsafe chunks[index]
            unsafe vectors[filled] = unsafe IOVector(base: chunk.base + chunk.start, count: chunk.end - chunk.start)
            filled += 1
            index += 1
        }
        return filled
    }

    /// Drops `byteCount` bytes from the front.
    func consume(_ byteCount: Int) {
        var rest = min(byteCount, count)
        count -= rest
        while rest > 0 {
            let size = unsafe chunks[first].end - chunks[first].start
            if rest < size {
                unsafe chunks[first].start += rest
                return
            }
            rest -= size
            unsafe pool.give(chunks[first].base)
            first += 1
        }
        if unsafe first == chunks.count {
            unsafe chunks.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 64 {
            unsafe chunks.removeFirst(first)
            first = 0
        }
    }
}
