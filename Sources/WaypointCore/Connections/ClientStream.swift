import MeshModel
import MeshPolicy
import MeshRuntime
import TLSEngine

/// The bytes of one CONNECT: looks at what is spoken, then serves HTTP or carries the bytes as they are.
///
/// Confined to its loop; lives as long as its channel. A connection on which the server speaks first is found by the time that passes.
final class ClientStream {
    /// How long a client may be silent before its connection is carried as it is.
    private static let silence: Duration = .seconds(1)

    private let worker: WaypointWorker
    private let channel: ByteChannel
    private let client: ClientFacts
    private var first: [UInt8] = []
    private var timer: TimerID?
    private var onOver: (() -> Void)?
    private var hasEnded = false
    /// Bytes that a ClientHello is worth looking for in.
    private var needed = 0

    init(worker: WaypointWorker, channel: ByteChannel, client: ClientFacts) {
        self.worker = worker
        self.channel = channel
        self.client = client
    }

    /// Serves; `onOver` is called once.
    func begin(onOver: @escaping () -> Void) {
        self.onOver = onOver
        timer = worker.loop.schedule(after: Self.silence) { [self] in
            timer = nil
            becomeOpaque()
        }
        channel.onBytes = { [self] bytes in
            first.append(contentsOf: bytes)
            decide()
        }
        channel.onEnd = { [self] in
            hasEnded = true
            becomeOpaque()
        }
        channel.onLost = { [self] _ in
            cancelTimer()
            over()
        }
        channel.start()
    }

    private func decide() {
        switch ProtocolSniffer.look(at: first.prefix(ProtocolSniffer.longest)) {
        case .undecided: return
        case .opaque: lookForHello()
        case .http1:
            cancelTimer()
            HTTP1Exchange(worker: worker, channel: channel, client: client).begin(with: take()) { [self] in over() }
        case .http2:
            cancelTimer()
            HTTP2Exchange(worker: worker, channel: channel, client: client).begin(with: take()) { [self] in over() }
        }
    }

    /// Where the service has routes by server name, a connection that begins as TLS does waits until the name is there; for no longer
    /// than for any other first word.
    private func lookForHello() {
        guard let service = client.target.service, worker.hasServerNameRoutes(service.key) else {
            return becomeOpaque()
        }
        guard first.count >= needed else { return }
        switch ClientHelloText.read(first) {
        case .incomplete(let needs): needed = needs
        case .other: becomeOpaque()
        case .hello(let name): becomeOpaque(.named(name))
        }
    }

    private func becomeOpaque(_ hello: AskedServer = .unknown) {
        cancelTimer()
        ByteRelay(worker: worker, channel: channel, client: client).begin(
            with: take(), hasEnded: hasEnded, hello: hello
        ) { [self] in over() }
    }

    private func take() -> [UInt8] {
        defer { first = [] }
        return first
    }

    private func cancelTimer() {
        if let timer { worker.loop.cancel(timer) }
        timer = nil
    }

    private func over() {
        let body = onOver
        onOver = nil
        body?()
    }
}
