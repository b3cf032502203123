internal import CLinux

/// A thread that this process owns, with all signals blocked.
package struct SystemThread: Sendable {
    private let handle: UInt64

    private final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread; `name` is cut to 15 bytes. It must be joined once.
    package init(name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        // Sound: the retained object is released by the thread, or below if none was started.
        let start = unsafe Unmanaged.passRetained(Start(body)).toOpaque()
        var handle: UInt64 = 0
        let result = unsafe name.withCString { name in
            unsafe clinux_thread_start(&handle, name, SystemThread.main, start)
        }
        if result < 0 { unsafe Unmanaged<Start>.fromOpaque(start).release() }
        _ = try Errno.check(result)
        self.handle = handle
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> Void = { raw in
        guard let raw = unsafe raw else { return }
        let start = unsafe Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
        start.body()
    }

    /// Waits for the thread to end.
    package func join() {
        _ = clinux_thread_join(handle)
    }

    /// Gives the calling thread a descriptor table of its own with standard input, output and error in it, so that what it opens
    /// gets low numbers again. What the process has open stays open for its other threads; this one must not use a descriptor
    /// that it had from them.
    package static func leaveDescriptorTable() throws(Errno) {
        _ = try Errno.check(clinux_leave_descriptor_table())
    }

    /// A number that no other live thread has.
    package static var current: UInt64 { clinux_thread_current() }
}
