import HTTPWire
import MeshRuntime
import TestModels
import Testing

/// Many streams of one tunnel, each of whose ends does what a seed says. Every byte and every end is checked, nothing may stand still,
/// and in the end nothing may be left of them: no stream, no window, no tunnel, nothing in the account of what
/// is held, however little it has.
@Suite struct TunnelModelTests {
    @Test(arguments: 0..<60) func holds(seed: Int) throws {
        try onLoop(seconds: 10) { loop, done in
            var random = ModelRandom(seed: UInt64(seed))
            let memory = HeldMemory(limit: [1, 1 << 18, 1 << 29].randomElement(using: &random) ?? 0)
            loop.memory = memory
            var configuration = HTTP2Configuration()
            configuration.initialStreamWindow = [65_535, 66_000, 1 << 18].randomElement(using: &random) ?? 0
            configuration.connectionWindow = [65_535, 100_000, 1 << 20].randomElement(using: &random) ?? 0
            // It would free what stands still.
            configuration.keepAlivePing = nil
            let count = Int.random(in: 1...12, using: &random)
            let endings: [ModelEnd.Ending] = random.one(in: 3) ? [.orderly] : ModelEnd.Ending.allCases
            var pairs: [(client: ModelEnd, server: ModelEnd)] = []
            var schedules: [UInt32: (random: ModelRandom, own: Int, others: Int)] = [:]
            var servers: [UInt32: ModelEnd] = [:]
            var serving: Tunnel?
            var closures: [TunnelClosure] = []
            let hop = StallingHop(loop)
            stall(hop, random)
            try tunnelPair(loop, configuration, hop: random.one(in: 2) ? hop.listen : nil) { stream in
                serving = stream.tunnel
                stream.respond(.response(status: 200), endStream: false)
                guard let plan = schedules[stream.id.rawValue] else { return }
                let end = ModelEnd(
                    .over(stream), plan.random, endings: endings, start: plan.own, expected: plan.others)
                servers[stream.id.rawValue] = end
                end.begin()
            } ready: { tunnel in
                tunnel.onClosed = { closures.append($0) }
                func open(_ left: Int) {
                    guard left > 0 else { return }
                    let plan = ModelRandom(seed: random.next())
                    let mine = ModelRandom(seed: random.next())
                    let own = ModelEnd.place(&random)
                    let others = ModelEnd.place(&random)
                    let stream = tunnel.open(
                        .connect(authority: "10.0.0.1:80"),
                        onResponse: { stream, _, _ in
                            let end = ModelEnd(.over(stream), mine, endings: endings, start: others, expected: own)
                            guard let server = servers[stream.id.rawValue] else { return }
                            pairs.append((end, server))
                            end.begin()
                        },
                        onEnd: { stream, _ in
                            // The server has broken off in the batch of its response.
                            guard let server = servers[stream.id.rawValue] else { return }
                            pairs.append((server, server))
                        })
                    if let id = stream?.id.rawValue { schedules[id] = (plan, own, others) }
                    loop.schedule(after: .microseconds(random.size(upTo: 2_000))) { open(left - 1) }
                }
                open(count)
                when(loop, { pairs.count == count && pairs.allSatisfy { $0.client.isOver && $0.server.isOver } }) {
                    for (client, server) in pairs where client !== server {
                        let problems = [
                            client.problem(with: server, isClient: true), server.problem(with: client, isClient: false),
                        ]
                        if !problems.allSatisfy({ $0 == nil }) {
                            _ = Issue.record("\(problems): client \(client.summary), server \(server.summary)")
                        }
                    }
                    let left = { tunnel.activeStreams + (serving?.activeStreams ?? 0) }
                    when(loop, { left() == 0 && memory.held == 0 && memory.granted == 0 }) {
                        serving?.onClosed = { closures.append($0) }
                        serving?.drain()
                        when(loop, { closures.count == 2 }, done)
                    }
                }
            }
            loop.schedule(after: .seconds(9)) {
                let left = pairs.filter { !$0.client.isOver || !$0.server.isOver }
                for (client, server) in left {
                    _ = Issue.record("stands still: client \(client.summary), server \(server.summary)")
                }
                if left.isEmpty {
                    let held = (memory.held, memory.granted, serving?.activeStreams ?? -1)
                    _ = Issue.record("\(pairs.count) of \(count) streams, held \(held), closures \(closures)")
                }
            }
        }
    }

    /// The client's side does not take what comes, from time to time.
    private func stall(_ hop: StallingHop, _ random: ModelRandom) {
        var random = random
        func again() {
            hop.loop.schedule(after: .microseconds(random.size(upTo: 5_000))) {
                if hop.isStalled { hop.resume() } else { hop.stall() }
                again()
            }
        }
        again()
    }
}
