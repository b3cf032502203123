internal import CLinux

/// Tells that files of folders come, go or are written (inotify(7)). Which ones is for the reader to look up: events may be
/// merged or lost by the kernel, so only the fact that there was one counts.
package struct FolderEvents: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// Watches nothing yet.
    package init() throws(Errno) {
        descriptor = Descriptor(taking: try Errno.check(clinux_inotify_create()))
    }

    /// Watches `folder`, which must exist. The same folder twice is one watch.
    package borrowing func watch(_ folder: String) throws(Errno) {
        _ = try Errno.check(unsafe folder.withCString { unsafe clinux_inotify_watch_folder(descriptor.raw, $0) })
    }

    /// Gives up the descriptor, which is readable when something has happened.
    package consuming func release() -> Descriptor { descriptor }

    /// Empties `descriptor` of its events.
    package static func drain(_ descriptor: CInt) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while unsafe buffer.withUnsafeMutableBytes({ unsafe clinux_read(descriptor, $0.baseAddress, $0.count) }) > 0 {}
    }
}
