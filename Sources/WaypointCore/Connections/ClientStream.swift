import HTTPWire
import MeshModel
import MeshPolicy
import MeshRuntime
import TLSEngine

/// The bytes of one CONNECT: looks at what is spoken, then serves HTTP or carries the bytes as they are.
///
/// On a port of which the service says that it is HTTP, everything is read as that, or refused: else a client chose by its first
/// bytes (an empty line, a method of its own, a pause) to go round all routes. Elsewhere a connection on which the server speaks first
/// is found by the time that passes. Confined to its loop; lives as long as its channel.
final class ClientStream {
    /// How long a client may be silent before its connection is carried as it is.
    private static let silence: Duration = .seconds(1)
    /// How long a connection to a port of HTTP may be without a byte.
    private static let idle = HTTP1Limits().idleTime

    private let worker: WaypointWorker
    private let channel: ByteChannel
    private let client: ClientFacts
    private var first: [UInt8] = []
    private var timer: TimerID?
    private var onOver: (() -> Void)?
    private var hasEnded = false
    /// Neither HTTP nor carried bytes yet.
    private var isUndecided = true
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
        worker.draining[ObjectIdentifier(self)] = { [unowned self] in drain() }
        if worker.isDraining { drain() }
        awaitBytes()
        channel.onBytes = { [self] bytes in
            // The time for the first few bytes begins with the first of them.
            if first.isEmpty { awaitBytes() }
            first.append(contentsOf: bytes)
            decide()
        }
        channel.onEnd = { [self] in
            hasEnded = true
            if client.target.isHTTP { end() } else { becomeOpaque() }
        }
        channel.onLost = { [self] _ in
            cancelTimer()
            over()
        }
        channel.start()
    }

    /// A connection that was made in advance, for requests that have not come, ends, as one does that waits for its next.
    private func drain() {
        worker.loop.schedule(after: HTTP1Exchange.drainPatience) { [weak self] in
            guard let self, isUndecided, first.isEmpty, client.target.isHTTP else { return }
            end()
        }
    }

    private func awaitBytes() {
        cancelTimer()
        timer = worker.loop.schedule(after: Self.silence) { [self] in
            timer = nil
            silent()
        }
    }

    /// Whether the connection is carried whatever is spoken on it: the VirtualService of the service has a `tcp` route for it and none for
    /// requests, or connections to the port go through a tunnel of HTTP.
    private var isCarried: Bool {
        guard let service = client.target.service, !client.target.isHTTP else { return false }
        worker.refresh()
        if worker.routing.routes.routes(of: service.key)?.carries(client.facts) == true { return true }
        let cluster = worker.clusters.cluster(ClusterKey(service: service.key, port: client.target.port))
        return cluster?.policy.tunnel != nil
    }

    private func decide() {
        guard !isCarried else { return lookForHello() }
        switch ProtocolSniffer.look(at: first.prefix(ProtocolSniffer.longest)) {
        case .undecided: return
        case .opaque: if client.target.isHTTP { serve() } else { lookForHello() }
        case .http1: serve()
        case .http2:
            cancelTimer()
            HTTP2Exchange(worker: worker, channel: channel, client: client).begin(with: take()) { [self] in over() }
        }
    }

    private func serve() {
        cancelTimer()
        HTTP1Exchange(worker: worker, channel: channel, client: client).begin(with: take()) { [self] in over() }
    }

    /// Nothing has come for a while, or not enough to tell.
    private func silent() {
        guard client.target.isHTTP else { return becomeOpaque() }
        guard first.isEmpty else { return serve() }
        // Made in advance: its first bytes tell, whenever they come.
        timer = worker.loop.schedule(after: Self.idle) { [self] in
            timer = nil
            end()
        }
    }

    /// Ends a connection that has asked for nothing.
    private func end() {
        cancelTimer()
        channel.finish()
        channel.close(reset: false)
        over()
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
        decided()
        defer { first = [] }
        return first
    }

    /// What it is drained as is from here on for others to say.
    private func decided() {
        isUndecided = false
        worker.draining[ObjectIdentifier(self)] = nil
    }

    private func cancelTimer() {
        if let timer { worker.loop.cancel(timer) }
        timer = nil
    }

    private func over() {
        decided()
        let body = onOver
        onOver = nil
        body?()
    }
}
