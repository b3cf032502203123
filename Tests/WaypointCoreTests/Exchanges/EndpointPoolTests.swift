import LinuxSystem
import MeshPolicy
import MeshRuntime
import Testing

@testable import WaypointCore

/// Who waits for a connection gets one, as far as the limits allow.
@Suite struct EndpointPoolTests {
    /// Two connections are allowed, and are in use. A third request waits, and no connection is made for it; when one of the two breaks,
    /// there is room for a new one, and nobody else asks for that.
    @Test func whoWaitsBehindALimitGetsTheConnectionThatBecomesPossible() throws {
        try onLoop { loop, done in
            var accepted: [TCPConnection] = []
            let waypoint = try TestWaypoint(
                loop,
                rule: #"{"host":"web","trafficPolicy":{"connectionPool":{"tcp":{"maxConnections":2}}}}"#
            ) { accepted.append($0) }
            let cluster = try #require(waypoint.worker.clusters.cluster(waypoint.key))
            let pool = try #require(cluster.choose(EndpointRequest(), .http1)?.pool)
            var taken: [any UpstreamExchange] = []
            var tickets: [ConnectionTicket] = []
            for _ in 0..<3 {
                tickets.append(
                    pool.wait(for: "") { result in
                        switch result {
                        case .success(let exchange): taken.append(exchange)
                        case .failure(let failure): _ = Issue.record("\(failure)")
                        }
                    })
            }
            when(loop, { taken.count == 2 && accepted.count == 2 }) {
                loop.schedule(after: .milliseconds(10)) {
                    #expect(taken.count == 2)
                    accepted[1].close()
                    when(loop, { taken.count == 3 }) {
                        #expect(accepted.count == 3)
                        done()
                    }
                }
            }
        }
    }
}
