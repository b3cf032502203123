package import LinuxSystem

/// An event loop on a thread of its own. The thread takes no signals.
package final class LoopThread: Sendable {
    /// The loop; it runs until `stop`.
    package let loop: EventLoop
    private let thread: SystemThread

    /// Makes a loop and a thread that runs it. `setUp` is the first work on the loop.
    package convenience init(name: String, _ setUp: @escaping @Sendable (EventLoop) -> Void = { _ in }) throws(Errno) {
        let loop = try EventLoop(name: name)
        _ = loop.submit { setUp(loop) }
        try self.init(running: loop)
    }

    /// Starts a thread that runs `loop`, which must not be running.
    package init(running loop: EventLoop) throws(Errno) {
        self.loop = loop
        thread = try SystemThread(name: loop.name) { loop.run() }
    }

    /// Stops the loop and waits for the thread. Call once, not from the loop itself.
    package func stopAndJoin() {
        loop.stop()
        thread.join()
    }
}
