/// One element of a scatter or gather list; laid out as the kernel's `struct iovec`.
@frozen @unsafe
package struct IOVector {
    /// The first byte. Whoever passes the list to the kernel keeps the memory alive for the call.
    package var base: UnsafeMutableRawPointer?
    /// The number of bytes.
    package var count: Int

    /// An element over `count` bytes from `base`.
    @inlinable
    package init(base: UnsafeMutableRawPointer?, count: Int) {
        unsafe self.base = unsafe base
        unsafe self.count = count
    }
}
