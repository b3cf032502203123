import HTTPWire
import TLSEngine
import TestModels
import Testing

@testable import MeshRuntime

/// Both ends of a channel, of each kind that there is, which do what a seed says: every byte and every end is checked, and nothing may
/// stand still.
@Suite struct ChannelModelTests {
    enum Kind: CaseIterable {
        case tcp
        case tls
        case stream
        case tlsOnStream
    }

    private typealias Pair = (_ client: ByteChannel, _ server: ByteChannel) -> Void

    @Test(arguments: Kind.allCases, 0..<30) func holds(kind: Kind, seed: Int) throws {
        try onLoop(seconds: 10) { loop, done in
            var random = ModelRandom(seed: UInt64(seed))
            // A socket that is closed with bytes that nobody has read is reset: who stops reading breaks off.
            let isSocket = kind == .tcp || kind == .tls
            let endings: [ModelEnd.Ending] = isSocket ? [.orderly, .orderly, .reset] : ModelEnd.Ending.allCases
            var ends: [ModelEnd] = []
            try make(loop, kind) { client, server in
                let own = ModelEnd.place(&random)
                let others = ModelEnd.place(&random)
                ends = [
                    ModelEnd(
                        client, ModelRandom(seed: random.next()), endings: endings, start: own, expected: others),
                    ModelEnd(
                        server, ModelRandom(seed: random.next()), endings: endings, start: others, expected: own),
                ]
                for end in ends {
                    // A stream that is over before its owner has begun with it is lost to that one.
                    guard isSocket else {
                        end.begin()
                        continue
                    }
                    loop.schedule(after: .microseconds(random.size(upTo: 2_000))) { end.begin() }
                }
                when(loop, { ends.allSatisfy(\.isOver) }) {
                    let problems = [
                        ends[0].problem(with: ends[1], isClient: true), ends[1].problem(with: ends[0], isClient: false),
                    ]
                    if !problems.allSatisfy({ $0 == nil }) {
                        _ = Issue.record("\(problems): client \(ends[0].summary), server \(ends[1].summary)")
                    }
                    done()
                }
            }
            loop.schedule(after: .seconds(9)) {
                _ = Issue.record("stands still: \(ends.map(\.summary))")
            }
        }
    }

    private func make(_ loop: EventLoop, _ kind: Kind, _ body: @escaping Pair) throws {
        switch kind {
        case .tcp: try channelPair(loop, body)
        case .tls:
            let contexts = try PublicPair.shared.get()
            try channelPair(loop) { secure($0, $1, contexts, body) }
        case .stream: try streams(loop, body)
        case .tlsOnStream:
            let contexts = try PublicPair.shared.get()
            try streams(loop) { secure($0, $1, contexts, body) }
        }
    }

    private func streams(_ loop: EventLoop, _ body: @escaping Pair) throws {
        var configuration = HTTP2Configuration.narrow
        configuration.initialStreamWindow = 65_535
        var server: ByteChannel?
        try tunnelPair(loop, configuration) { stream in
            stream.respond(.response(status: 200), endStream: false)
            server = .over(stream)
        } ready: { tunnel in
            _ = tunnel.open(
                .connect(authority: "10.0.0.1:80"),
                onResponse: { stream, _, _ in if let server { body(.over(stream), server) } }, onEnd: { _, _ in })
        }
    }

    private func secure(
        _ client: ByteChannel, _ server: ByteChannel, _ contexts: PublicPair.Contexts, _ body: @escaping Pair
    ) {
        var accepted: TLSChannel?
        TLSChannel.accept(over: server, selection: { _ in .use(contexts.server) }, timeout: .seconds(10)) {
            if case .success(let channel) = $0 { accepted = channel }
        }
        TLSChannel.connect(
            over: client, context: contexts.client, serverName: "localhost", names: .any, protocols: [],
            timeout: .seconds(10)
        ) { result in
            guard case .success(let channel) = result else { return }
            when(channel.loop, { accepted != nil }) { if let accepted { body(channel, accepted) } }
        }
    }
}
