import HTTPWire
import LinuxSystem
import MeshRuntime
import TestModels
import Testing

/// Applications on both sides of the relays at both ends of a tunnel, each of which does what a seed says. Every byte and every end is
/// checked, nothing may stand still, each relay reports once, and the account of
/// what is held is empty in the end, however little it has.
@Suite struct RelayModelTests {
    @Test(arguments: 0..<40) func holds(seed: Int) throws {
        try onLoop(seconds: 10) { loop, done in
            var random = ModelRandom(seed: UInt64(seed))
            let memory = HeldMemory(limit: [1, 1 << 18, 1 << 29].randomElement(using: &random) ?? 0)
            loop.memory = memory
            let mesh = try TestMesh(loop)
            mesh.configuration.initialStreamWindow = 65_535
            mesh.configuration.connectionWindow = [65_535, 1 << 20].randomElement(using: &random) ?? 0
            mesh.configuration.keepAlivePing = nil
            if random.one(in: 2) { mesh.socketBuffer = 4096 }
            // A socket that is closed with bytes that nobody has read is reset: who stops reading breaks off.
            let endings: [ModelEnd.Ending] = random.one(in: 3) ? [.orderly] : [.orderly, .orderly, .reset]
            let count = Int.random(in: 1...8, using: &random)
            var upstreams: [ByteChannel] = []
            var pairs: [(client: ModelEnd, server: ModelEnd)] = []
            mesh.onUpstream = { upstreams.append(.over(TCPConnection(loop: loop, socket: $0))) }
            func open(_ left: Int) {
                guard left > 0 else { return }
                try? mesh.watchedApplication { connection in
                    // One after the other, so that it is known who belongs together; what they do is at once.
                    when(loop, { upstreams.count == pairs.count + 1 }) {
                        let own = ModelEnd.place(&random)
                        let others = ModelEnd.place(&random)
                        let client = ModelEnd(
                            .over(connection), ModelRandom(seed: random.next()), endings: endings, start: own,
                            expected: others)
                        let server = ModelEnd(
                            upstreams[pairs.count], ModelRandom(seed: random.next()), endings: endings, start: others,
                            expected: own)
                        pairs.append((client, server))
                        for end in [client, server] {
                            loop.schedule(after: .microseconds(random.size(upTo: 2_000))) { end.begin() }
                        }
                        open(left - 1)
                    }
                }
            }
            open(count)
            when(loop, { pairs.count == count && pairs.allSatisfy { $0.client.isOver && $0.server.isOver } }) {
                for (client, server) in pairs {
                    let problems = [
                        client.problem(with: server, isClient: true), server.problem(with: client, isClient: false),
                    ]
                    if !problems.allSatisfy({ $0 == nil }) {
                        _ = Issue.record("\(problems): client \(client.summary), server \(server.summary)")
                    }
                }
                when(loop, { mesh.entryReports.count == count && mesh.exitReports.count == count }) {
                    let tunnels = mesh.clients + mesh.servers
                    let isEmpty = { tunnels.allSatisfy { $0.activeStreams == 0 } }
                    when(loop, { isEmpty() && memory.held == 0 && memory.granted == 0 }, done)
                }
            }
            loop.schedule(after: .seconds(9)) {
                for (client, server) in pairs where !client.isOver || !server.isOver {
                    _ = Issue.record("stands still: client \(client.summary), server \(server.summary)")
                }
                let reports = (mesh.entryReports.count, mesh.exitReports.count)
                let left = (memory.held, memory.granted)
                _ = Issue.record("\(pairs.count) of \(count), reports \(reports), memory \(left)")
            }
        }
    }
}
