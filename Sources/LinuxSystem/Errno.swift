internal import CLinux

/// An error number of the kernel. Thrown by every wrapper of this module; `EAGAIN` and `EINPROGRESS` are results there, not
/// errors, and `EINTR` is never seen (it is retried where the call is made).
package struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
    /// The positive number, as in `errno.h`.
    package let rawValue: CInt

    /// Wraps a positive error number.
    package init(_ rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// Operation not permitted.
    package static let notPermitted = Errno(1)
    /// No such file or directory.
    package static let noSuchFile = Errno(2)
    /// Bad file descriptor.
    package static let badDescriptor = Errno(9)
    /// Would block. Only an accept seam of a test sees it; the wrappers report it as a result.
    package static let wouldBlock = Errno(11)
    /// Out of memory.
    package static let noMemory = Errno(12)
    /// Permission denied.
    package static let accessDenied = Errno(13)
    /// Invalid argument.
    package static let invalidArgument = Errno(22)
    /// The system's table of open files is full.
    package static let systemFileTableFull = Errno(23)
    /// The process has as many descriptors as its limit allows.
    package static let tooManyOpenFiles = Errno(24)
    /// Broken pipe.
    package static let brokenPipe = Errno(32)
    /// Message too long.
    package static let messageTooLong = Errno(90)
    /// The kernel does not know the address family.
    package static let addressFamilyNotSupported = Errno(97)
    /// The address is in use.
    package static let addressInUse = Errno(98)
    /// The address is not one of this host.
    package static let addressNotAvailable = Errno(99)
    /// Software caused connection abort.
    package static let connectionAborted = Errno(103)
    /// The peer reset the connection.
    package static let connectionReset = Errno(104)
    /// No buffer space.
    package static let noBufferSpace = Errno(105)
    /// The socket is not connected.
    package static let notConnected = Errno(107)
    /// The kernel gave up retransmitting.
    package static let timedOut = Errno(110)
    /// Nobody listens there.
    package static let connectionRefused = Errno(111)
    /// No route to the host.
    package static let hostUnreachable = Errno(113)
    /// The connect goes on.
    package static let inProgress = Errno(115)

    /// True where the process or the system has no descriptor, memory or buffer left: the work may succeed later.
    package var isExhaustion: Bool {
        self == .tooManyOpenFiles || self == .systemFileTableFull || self == .noMemory || self == .noBufferSpace
    }

    /// The name in `errno.h`, such as "ECONNREFUSED".
    package var name: String {
        // Sound: the C library returns a static string or null.
        guard let name = unsafe clinux_error_name(rawValue) else { return "errno \(rawValue)" }
        return unsafe String(cString: name)
    }

    /// "Connection refused (ECONNREFUSED)".
    package var description: String {
        let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer -> String in
            guard let base = buffer.baseAddress else { return "unknown error" }
            // Sound: the shim writes at most 128 bytes and ends them with a zero.
            unsafe clinux_error_text(rawValue, base, 128)
            return unsafe String(cString: base)
        }
        return "\(text) (\(name))"
    }

    /// Turns the C shims' convention (a result, or a negated error number) into a value or an error.
    @inline(__always)
    static func check<Number: FixedWidthInteger & SignedInteger>(_ result: Number) throws(Errno) -> Number {
        guard result >= 0 else { throw Errno(CInt(truncatingIfNeeded: 0 &- result)) }
        return result
    }
}
