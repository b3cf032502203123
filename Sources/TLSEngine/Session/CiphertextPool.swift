internal import LinuxSystem

/// Buffers that encrypted bytes wait in until they are sent. They belong to the worker: a session holds one only from its first
/// write until everything was sent.
///
/// Confined to one thread. Memory is anonymous pages, so what is given up goes back to the kernel at once.
@safe
package final class CiphertextPool {
    /// Size of a buffer: two batches of 256 KiB and their TLS overhead, plus control frames.
    package static let bufferSize = 576 * 1024
    /// Buffers kept for reuse when nobody needs them.
    package static let retained = 4

    private var free: [UnsafeMutableRawPointer] = unsafe []
    /// Bytes handed out now. For tests and metrics.
    package private(set) var bytesInUse = 0

    /// An empty pool.
    package init() {
        unsafe free.reserveCapacity(Self.retained)
    }

    deinit { trim() }

    /// A buffer of at least `minimum` bytes; nil when the kernel has no memory.
    func take(minimum: Int) -> UnsafeMutableRawBufferPointer? {
        if minimum <= Self.bufferSize, let base = unsafe free.popLast() {
            bytesInUse &+= Self.bufferSize
            return unsafe UnsafeMutableRawBufferPointer(start: base, count: Self.bufferSize)
        }
        let size = max(minimum, Self.bufferSize)
        guard let base = unsafe Memory.map(size) else { return nil }
        bytesInUse &+= size
        return unsafe UnsafeMutableRawBufferPointer(start: base, count: size)
    }

    /// Takes a buffer back.
    func give(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress else { return }
        bytesInUse &-= buffer.count
        if buffer.count == Self.bufferSize, unsafe free.count < Self.retained {
            unsafe free.append(base)
        } else {
            unsafe Memory.unmap(base, buffer.count)
        }
    }

    /// Gives everything that is not in use back to the kernel.
    package func trim() {
        while let base = unsafe free.popLast() {
            unsafe Memory.unmap(base, Self.bufferSize)
        }
    }
}
