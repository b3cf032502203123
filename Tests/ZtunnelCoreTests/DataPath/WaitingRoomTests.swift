import MeshRuntime
import Synchronization
import Testing
import ZtunnelCore

/// Waiting for a record or a certificate: bounded in number and in time.
@Suite struct WaitingRoomTests {
    private final class Seen: Sendable {
        let outcomes = Mutex<[String]>([])
        func add(_ text: String) { outcomes.withLock { $0.append(text) } }
        var all: [String] { outcomes.withLock(\.self) }
    }

    @Test func aWakeRunsAllInOrderAndATimeoutRunsTheRest() throws {
        let thread = try LoopThread(name: "room")
        defer { thread.stopAndJoin() }
        let seen = Seen()
        _ = thread.loop.submit {
            let room = WaitingRoom(loop: thread.loop, capacity: 2, timeout: .milliseconds(50))
            for name in ["a", "b", "c"] {
                if !room.wait({ seen.add("\(name) \($0)") }) { seen.add("\(name) refused") }
            }
            room.wake()
            if !room.wait({ seen.add("d \($0)") }) { seen.add("d refused") }
        }
        #expect(Eventually.holds { seen.all.count == 4 })
        #expect(seen.all == ["c refused", "a false", "b false", "d true"])
    }
}
