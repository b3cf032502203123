import HTTPWire
import MeshRuntime

/// A client's HTTP/2 connection: its requests, many at a time, each to an endpoint of its own choice. Confined to its loop; lives until
/// its connection ends.
final class HTTP2Exchange {
    /// What clients are told and held to. `isTunnelled`: liveness is the tunnel's, which asks for it.
    private static func configuration(isTunnelled: Bool, patience: Duration) -> HTTP2Configuration {
        var made = HTTP2Configuration()
        made.initialStreamWindow = 256 << 10
        made.connectionWindow = 1 << 20
        made.maxFrameSize = 16_384
        made.answersLargeHeaderLists = true
        made.enableConnectProtocol = true
        // One that pauses, and so answers nothing, has the time that its responses have.
        made.keepAlivePing = isTunnelled ? nil : HTTP2KeepAlive(interval: silence, timeout: patience * 2)
        return made
    }

    /// After which a client's own connection is asked whether it lives.
    private static let silence: Duration = .seconds(60)
    /// How long a client's own connection may be without a request: as long as by HTTP/1.1.
    private static let idleTime = HTTP1Limits().idleTime

    private let worker: WaypointWorker
    private let session: HTTP2Session
    private var intake: RequestIntake
    private var onOver: (() -> Void)?
    private let isTunnelled: Bool
    private var requests = 0
    /// Looks whether the connection is in use.
    private var idleLook: TimerID?
    /// It is drained, and ends in the loop's next turn.
    private var isEnding = false

    init(worker: WaypointWorker, channel: ByteChannel, client: ClientFacts) {
        self.worker = worker
        isTunnelled = client.identity != nil
        session = HTTP2Session(
            channel, worker: worker, role: .server,
            configuration: Self.configuration(
                isTunnelled: isTunnelled, patience: worker.configuration.requestIdleTimeout))
        intake = RequestIntake(worker: worker, client: client, version: .http2)
    }

    func begin(with first: [UInt8], onOver: @escaping () -> Void) {
        self.onOver = onOver
        worker.draining[ObjectIdentifier(self)] = { [unowned self] in session.drain() }
        session.onRequest = { [self] stream, head, endStream in
            requests += 1
            let sink = HTTP2Request(session, stream)
            let incoming = intake.make(head, endStream: endStream, sink: sink)
            sink.begin(incoming)
        }
        session.onChange = { [self] in closeIfDrained() }
        session.onClosed = { [self] _ in over() }
        if !isTunnelled { watchUse(requests) }
        session.begin(with: first)
        if worker.isDraining { session.drain() }
    }

    private func watchUse(_ before: Int) {
        idleLook = worker.loop.schedule(after: Self.idleTime) { [self] in
            idleLook = nil
            guard session.streamCount == 0, requests == before else { return watchUse(requests) }
            session.drain()
        }
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
        if let idleLook { worker.loop.cancel(idleLook) }
        idleLook = nil
        // The last responses may wait for the client still.
        worker.end(session.channel) { [self] in
            let body = onOver
            onOver = nil
            body?()
        }
    }
}
