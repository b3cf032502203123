import HTTPWire
import MeshRuntime
import NodeCore
import TestModels
import Testing

@testable import WaypointCore

/// Clients of both versions of HTTP before an application that does what a seed says: each response is whole, or broken where the
/// application broke off; nothing may stand still, and a drain ends what is left.
@Suite struct ExchangeModelTests {
    @Test(arguments: 0..<80) func holds(seed: Int) throws {
        try onLoop(seconds: 10) { loop, done in
            var random = ModelRandom(seed: UInt64(seed))
            let waypoint = try TestWaypoint(
                loop,
                endpoint: random.one(in: 2)
                    ? .plain { _ = ModelApplication(.over($0), loop, seed: random.next()) }
                    : .tunnelled { _ = ModelApplication(.over($0), loop, seed: random.next()) })
            let isHTTP2 = random.one(in: 2)
            let count = Int.random(in: 1...6, using: &random)
            let plans = (0..<count).map { place in
                // With HTTP/1.1 the connection ends when a response has come before its request was complete.
                ModelPlan(&random, mayBeEarly: isHTTP2 || place == count - 1)
            }
            let client = ModelClient(try TestClient(loop), plans, isHTTP2: isHTTP2, seed: random.next())
            var isOver = false
            let channel = client.client.channel
            // The worker's tunnels stay for as long as it has something to serve.
            waypoint.worker.began()
            let onOver = {
                isOver = true
                waypoint.worker.ended()
            }
            if isHTTP2 {
                HTTP2Exchange(worker: waypoint.worker, channel: channel, client: waypoint.client()).begin(
                    with: [], onOver: onOver)
            } else {
                HTTP1Exchange(worker: waypoint.worker, channel: channel, client: waypoint.client()).begin(
                    with: [], onOver: onOver)
            }
            channel.start()
            client.begin()
            // Some are drained in the middle of it all.
            let isDrainedEarly = isHTTP2 && random.one(in: 3)
            if isDrainedEarly { when(loop, { client.responses.count == count }) { waypoint.worker.drain {} } }
            when(loop, { client.isOver || client.client.hasEnded }) {
                if client.client.hasEnded { client.ended() }
                for response in client.responses.values {
                    if let problem = response.problem { _ = Issue.record("\(problem)") }
                }
                if !isHTTP2 { client.client.end() } else if !isDrainedEarly { waypoint.worker.drain {} }
                when(loop, { isOver && client.client.hasEnded }) {
                    #expect(waypoint.rejections(.unreadOutput) == 0)
                    done()
                }
            }
            loop.schedule(after: .seconds(9)) {
                _ = Issue.record(
                    "over \(isOver), ended \(client.client.hasEnded), queued \(channel.queuedBytes): \(client.summary)")
            }
        }
    }
}
