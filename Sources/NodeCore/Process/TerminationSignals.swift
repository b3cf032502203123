import Glibc
package import LinuxSystem
package import MeshRuntime

/// SIGTERM and SIGINT, and others that a program asks for, as events of a loop. One per process.
///
/// The handler only writes a byte to a pipe; what follows happens on the loop. The threads of other loops block all signals.
package final class TerminationSignals {
    // Written once, before the handlers are installed; a handler may run at any moment afterwards.
    nonisolated(unsafe) private static var writer: CInt = -1

    private var watch: DescriptorWatch?

    /// Calls `body` with the signal's number, on `loop`, for each signal.
    package init(loop: EventLoop, and others: [CInt] = [], _ body: @escaping (CInt) -> Void) throws(Errno) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Errno(errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let reader = ends[0]
        Self.writer = ends[1]
        watch = try DescriptorWatch(loop: loop, Descriptor(taking: reader)) { _ in
            var number: UInt8 = 0
            while read(reader, &number, 1) == 1 { body(CInt(number)) }
        }
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGTERM, SIGINT] + others {
            signal(number) { number in
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(TerminationSignals.writer, &byte, 1)
                errno = saved
            }
        }
    }
}
