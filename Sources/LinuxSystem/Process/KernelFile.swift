internal import CLinux

/// Small files of /proc and /sys. What is under /proc/sys/net belongs to the network namespace of the calling thread.
package enum KernelFile {
    /// At most `limit` bytes of the file.
    package static func read(_ path: String, limit: Int) throws(Errno) -> String {
        let file = try Descriptor(readingFrom: path)
        var failure: Errno?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(limit, 0)) { buffer, count in
            let result = unsafe clinux_read(file.raw, buffer.baseAddress, buffer.count)
            if result < 0 { failure = Errno(CInt(truncatingIfNeeded: 0 &- result)) } else { count = result }
        }
        if let failure { throw failure }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Replaces the content by `text`, in one write.
    package static func write(_ path: String, _ text: String) throws(Errno) {
        let file = try Descriptor(writingTo: path)
        _ = try Transfer.write(file.raw, Array(text.utf8))
    }
}
