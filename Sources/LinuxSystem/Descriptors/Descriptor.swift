internal import CLinux
internal import Glibc

/// The only owner of one file descriptor; closes it when it goes out of scope.
///
/// May move between threads, is used by one at a time. Never holds a negative number.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, valid for as long as this value lives. Must not be closed by the reader.
    package let raw: CInt

    /// Takes ownership of `raw`.
    package init(taking raw: CInt) {
        self.raw = raw
    }

    /// Opens `path` for reading, close-on-exec.
    package init(readingFrom path: String) throws(Errno) {
        let result = unsafe path.withCString { unsafe clinux_open_path($0, 0) }
        raw = try Errno.check(result)
    }

    /// Opens an existing file for writing, close-on-exec.
    package init(writingTo path: String) throws(Errno) {
        let result = unsafe path.withCString { unsafe clinux_open_path($0, O_WRONLY) }
        raw = try Errno.check(result)
    }

    /// Takes over a descriptor that was inherited from the process before, and keeps it from the next one.
    package init(inheriting raw: CInt) throws(Errno) {
        _ = try Errno.check(clinux_set_close_on_exec(raw))
        self.raw = raw
    }

    /// A second descriptor of the open file that `raw` names, close-on-exec.
    package init(duplicating raw: CInt) throws(Errno) {
        self.raw = try Errno.check(clinux_duplicate(raw))
    }

    /// Whether it is readable, or at its end, within `limit`. Blocks the calling thread.
    package borrowing func waitReadable(_ limit: Duration) throws(Errno) -> Bool {
        try Errno.check(clinux_wait_readable(raw, CInt(clamping: max(0, Int64(limit / .milliseconds(1)))))) > 0
    }

    deinit {
        _ = clinux_close(raw)
    }

    /// Gives the number up without closing it.
    package consuming func release() -> CInt {
        let number = raw
        discard self
        return number
    }

    /// A second descriptor of the same open file, close-on-exec.
    package borrowing func duplicate() throws(Errno) -> Descriptor {
        Descriptor(taking: try Errno.check(clinux_duplicate(raw)))
    }
}
