internal import CLinux

/// An exclusive lock on a file (flock(2)), held until this value is gone or the process ends, however it ends.
package struct FileLock: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// Locks `path`, which is made (0600) if it is missing. Throws `.wouldBlock` where another process holds the lock.
    package init(_ path: String) throws(Errno) {
        let result = unsafe path.withCString { unsafe clinux_lock_file($0) }
        descriptor = Descriptor(taking: try Errno.check(result))
    }
}
