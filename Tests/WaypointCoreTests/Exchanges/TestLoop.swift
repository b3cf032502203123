import LinuxSystem
import MeshRuntime
import Testing

/// Runs an event loop on the calling thread until `done` is called, or fails at the deadline.
func onLoop(seconds: Int = 20, _ body: (_ loop: EventLoop, _ done: @escaping () -> Void) throws -> Void) throws {
    let loop = try EventLoop(name: "test")
    var finished = false
    loop.schedule(after: .seconds(seconds)) { loop.stop() }
    try body(loop) {
        finished = true
        loop.stop()
    }
    if !finished { loop.run() }
    #expect(finished, "not done within \(seconds) s")
}

/// Calls `body` as soon as `condition` holds.
func when(_ loop: EventLoop, _ condition: @escaping () -> Bool, _ body: @escaping () -> Void) {
    loop.schedule(after: .milliseconds(1)) {
        if condition() { body() } else { when(loop, condition, body) }
    }
}
