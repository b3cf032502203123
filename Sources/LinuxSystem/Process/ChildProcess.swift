internal import CLinux

/// Another program that is run to its end: `systemctl`, `podman`. Blocks, so never on a data-plane worker or the control loop.
package struct ChildProcess: Sendable {
    /// What a program printed, and how it ended.
    package struct Outcome: Equatable, Sendable {
        /// Its exit status; 128 plus the number of the signal that ended it.
        package let status: CInt
        /// Output and errors, in the order in which they were written; cut at `outputLimit`.
        package let output: String
        /// Whether it was killed because its time was over.
        package let isLate: Bool

        /// An outcome.
        package init(status: CInt, output: String, isLate: Bool) {
            self.status = status
            self.output = output
            self.isLate = isLate
        }
    }

    /// Bytes of output that are kept.
    package static let outputLimit = 256 << 10

    /// Runs `arguments` (the program's name first, looked up in PATH) for at most `limit`; then it is killed.
    package static func run(_ arguments: [String], limit: Duration) throws(Errno) -> Outcome {
        var pid: pid_t = 0
        let result = unsafe withArgumentVector(arguments) { unsafe clinux_spawn($0, &pid) }
        let pipe = Descriptor(taking: try Errno.check(result))
        let deadline = SystemClock.monotonicNanoseconds &+ nanoseconds(limit)
        func rest() -> CInt {
            let now = SystemClock.monotonicNanoseconds
            return deadline > now ? CInt(clamping: (deadline &- now) / 1_000_000 &+ 1) : 0
        }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while clinux_wait_readable(pipe.raw, rest()) == 1 {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe clinux_read(pipe.raw, $0.baseAddress, $0.count) }
            if count == 0 { break }
            guard count > 0 else { continue }
            output += buffer[..<min(count, outputLimit - output.count)]
        }
        var killed: CInt = 0
        let status = try Errno.check(unsafe clinux_reap(pid, rest(), &killed))
        return Outcome(status: status, output: String(decoding: output, as: UTF8.self), isLate: killed != 0)
    }

    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        return UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000)
    }

    /// A NULL-terminated array of C strings that lives as long as `body` runs.
    static func withArgumentVector(
        _ arguments: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> CInt
    ) -> CInt {
        var text: [CChar] = []
        var starts: [Int] = []
        for argument in arguments {
            starts.append(text.count)
            text += argument.utf8.map { CChar(bitPattern: $0) } + [0]
        }
        return unsafe text.withUnsafeMutableBufferPointer { text -> CInt in
            guard let base = text.baseAddress else { return 0 &- Errno.invalidArgument.rawValue }
            // Sound: each start lies within the text, which does not move while it is borrowed here.
            let pointers = unsafe starts.map { unsafe Optional(base + $0) } + [nil]
            return unsafe pointers.withUnsafeBufferPointer { pointers -> CInt in
                guard let first = pointers.baseAddress else { return 0 &- Errno.invalidArgument.rawValue }
                return unsafe body(first)
            }
        }
    }
}
