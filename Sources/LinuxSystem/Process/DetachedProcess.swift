internal import CLinux
internal import Glibc

/// A process that is nobody's child here.
package enum DetachedProcess {
    /// The number of the descriptor that is passed.
    package static let passedDescriptor: CInt = 3

    /// Runs `path` with `arguments` in the environment of this process, as a child of init (or of the nearest subreaper): a
    /// service manager sees its end. It gets `descriptor` as number 3, and is ended by the kernel after `limit`, whatever it is
    /// stuck in, unless it calls `endAfter(nil)`. That it cannot be run shows by the end of what `descriptor` is connected to.
    ///
    /// The program is executed, not merely forked: the Swift runtime does not survive a fork (its locks remember the
    /// identifiers of threads).
    package static func start(
        _ path: String, _ arguments: [String], passing descriptor: CInt, endAfter limit: Duration
    ) throws(Errno) {
        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        unsafe words.append(nil)
        // Sound: the words live until the call has returned, and the new process has copies of its own.
        let result = unsafe path.withCString {
            unsafe clinux_start_detached($0, words, environ, descriptor, seconds(limit))
        }
        _ = try Errno.check(result)
    }

    /// Has the kernel end this process after `limit` (SIGALRM), whatever it is stuck in; nil takes that back.
    package static func endAfter(_ limit: Duration?) {
        clinux_alarm(limit.map(seconds) ?? 0)
    }

    private static func seconds(_ limit: Duration) -> UInt32 { UInt32(clamping: max(1, limit.components.seconds)) }
}
