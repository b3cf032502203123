import LinuxSystem

/// Chunks of 64 KiB for backlogs. Confined to one worker. Anonymous pages: what is given up goes back to the kernel at once, and
/// a chunk that holds little touches little.
@safe
final class ChunkPool {
    private var free: [UnsafeMutableRawPointer] = unsafe []
    /// Bytes handed out now.
    private(set) var bytesInUse = 0

    init() {
        unsafe free.reserveCapacity(RuntimeLimits.retainedChunks)
    }

    deinit { trim() }

    /// A chunk, or nil when the kernel has no memory.
    func take() -> UnsafeMutableRawPointer? {
        guard let chunk = unsafe free.popLast() ?? Memory.map(RuntimeLimits.chunkBytes) else { return nil }
        bytesInUse &+= RuntimeLimits.chunkBytes
        return unsafe chunk
    }

    func give(_ chunk: UnsafeMutableRawPointer) {
        bytesInUse &-= RuntimeLimits.chunkBytes
        if unsafe free.count < RuntimeLimits.retainedChunks {
            unsafe free.append(chunk)
        } else {
            unsafe Memory.unmap(chunk, RuntimeLimits.chunkBytes)
        }
    }

    func trim() {
        while let chunk = unsafe free.popLast() { unsafe Memory.unmap(chunk, RuntimeLimits.chunkBytes) }
    }
}
