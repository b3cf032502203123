internal import CLinux

/// Another program that runs while its starter goes on. Nothing here blocks but the start itself (a fork and an exec).
///
/// Confined to one thread, which collects it: until then the kernel keeps its number, so that `kill` meets nobody else. One that
/// is given up is ended and collected at once.
package final class BackgroundProcess {
    private let number: pid_t
    private var output: Descriptor?
    private var end: Descriptor?
    private var status: CInt?

    /// Starts `arguments` (the program's name first, looked up in PATH) with nothing as its input, no descriptor of ours, and
    /// our environment.
    package init(_ arguments: [String]) throws(Errno) {
        var number: pid_t = 0
        let pipe = unsafe ChildProcess.withArgumentVector(arguments) { unsafe clinux_spawn($0, &number) }
        output = Descriptor(taking: try Errno.check(pipe))
        self.number = number
        end = Descriptor(taking: try Errno.check(clinux_process_handle(number)))
    }

    deinit {
        guard status == nil else { return }
        var isKilled: CInt = 0
        _ = unsafe clinux_reap(number, 0, &isKilled)
    }

    /// What it prints, output and errors; nonblocking. Nil the second time.
    package func takeOutput() -> Descriptor? { output.take() }

    /// Readable once it has ended. Nil the second time.
    package func takeEnd() -> Descriptor? { end.take() }

    /// Ends it at once, if it still runs.
    package func kill() {
        if status == nil { clinux_kill_process(number) }
    }

    /// Its exit status, or 128 plus the number of the signal that ended it; nil while it runs.
    package func collect() -> CInt? {
        if status == nil {
            let result = clinux_collect(number)
            // A child that cannot be collected was collected by somebody else: it has ended, nobody knows how.
            if result >= 0 { status = result } else if Errno(0 &- result) != .wouldBlock { status = 255 }
        }
        return status
    }
}
