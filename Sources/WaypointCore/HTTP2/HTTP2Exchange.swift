import HTTPWire
import MeshRuntime

/// A client's HTTP/2 connection: its requests, many at a time, each to an endpoint of its own choice. Confined to its loop; lives until
/// its connection ends.
final class HTTP2Exchange {
    /// What clients are told and held to. Liveness is the tunnel's, which asks for it.
    private static let configuration: HTTP2Configuration = {
        var made = HTTP2Configuration()
        made.initialStreamWindow = 256 << 10
        made.connectionWindow = 1 << 20
        made.maxFrameSize = 16_384
        made.answersLargeHeaderLists = true
        made.enableConnectProtocol = true
        made.keepAlivePing = nil
        return made
    }()

    private let worker: WaypointWorker
    private let session: HTTP2Session
    private var intake: RequestIntake
    private var onOver: (() -> Void)?
    /// It is drained, and ends in the loop's next turn.
    private var isEnding = false

    init(worker: WaypointWorker, channel: ByteChannel, client: ClientFacts) {
        self.worker = worker
        session = HTTP2Session(channel, worker: worker, role: .server, configuration: Self.configuration)
        intake = RequestIntake(worker: worker, client: client, version: .http2)
    }

    func begin(with first: [UInt8], onOver: @escaping () -> Void) {
        self.onOver = onOver
        worker.draining[ObjectIdentifier(self)] = { [unowned self] in session.drain() }
        session.onRequest = { [self] stream, head, endStream in
            let sink = HTTP2Request(session, stream)
            let incoming = intake.make(head, endStream: endStream, sink: sink)
            sink.begin(incoming)
        }
        session.onChange = { [self] in closeIfDrained() }
        session.onClosed = { [self] _ in over() }
        session.begin(with: first)
        if worker.isDraining { session.drain() }
    }

    private func closeIfDrained() {
        guard session.isDrained, !isEnding else { return }
        isEnding = true
        // In a step of its own: the last stream's end is being handled.
        worker.loop.schedule(after: .zero) { [self] in
            session.close("drained")
        }
    }

    private func over() {
        worker.draining[ObjectIdentifier(self)] = nil
        // The last responses may wait for the client still.
        worker.end(session.channel) { [self] in
            let body = onOver
            onOver = nil
            body?()
        }
    }
}
