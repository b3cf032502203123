import HTTPWire
import MeshModel
import MeshPolicy
import MeshRuntime
import MeshTelemetry
import NodeCore
import TLSEngine

/// One client's connection to a port of a gateway, from outside or through a tunnel: finds the server that it is for, ends TLS where
/// that one does, and serves requests or carries bytes.
///
/// `serve` is the one place where the protocol within is chosen. Confined to its loop.
final class GatewayConnection {
    /// Who is at the other end.
    enum Client {
        /// Anybody, at this address, who has connected to this one.
        case outside(TransportAddress, to: TransportAddress)
        /// A workload of the mesh in its tunnel.
        case mesh(SPIFFEIdentity, address: String, WaypointTarget)
    }

    /// How long a client may be silent that has not said by ALPN what it speaks: then it is taken to speak HTTP/1.1.
    private static let silence: Duration = .seconds(1)

    private let worker: WaypointWorker
    private let channel: ByteChannel
    private let client: Client
    private let port: GatewayPort
    private var first: [UInt8] = []
    /// When so many bytes are there it is worth looking at them again.
    private var needed = 1
    private var timer: TimerID?
    private var handshake: TLSChannel?
    private var onOver: (() -> Void)?

    /// `channel` was not started.
    init(worker: WaypointWorker, channel: ByteChannel, client: Client, port: GatewayPort) {
        self.worker = worker
        self.channel = channel
        self.client = client
        self.port = port
    }

    /// Serves; `onOver` is called once.
    func begin(onOver: @escaping () -> Void) {
        self.onOver = onOver
        if case .mesh = client, let server = port.meshServer { return enter(server, nil) }
        switch port.kind {
        case .http, .tcp:
            guard let server = port.servers.first else { return refuse("no server is there") }
            enter(server, nil)
        case .tls: awaitHello()
        }
    }

    // MARK: TLS

    private func awaitHello() {
        timer = worker.loop.schedule(after: worker.configuration.timeouts.handshake) { [self] in
            timer = nil
            refuse("no TLS handshake began in time")
        }
        channel.onBytes = { [self] bytes in
            first.append(contentsOf: bytes)
            look()
        }
        channel.onEnd = { [self] in refuse("it ended before its TLS handshake") }
        channel.onLost = { [self] _ in over() }
        channel.start()
    }

    private func look() {
        guard first.count >= needed else { return }
        switch ClientHelloText.read(first) {
        case .incomplete(let needs): needed = needs
        case .other: refuse("it does not begin with a TLS handshake")
        case .hello(let serverName):
            cancelTimer()
            guard let server = port.server(named: serverName) else {
                return refuse("no server is for the name \(serverName ?? "that it did not give")")
            }
            enter(server, serverName)
        }
    }

    private func end(_ server: GatewayServer, _ serverName: String?, isHTTP: Bool) {
        let context: PublicTLSContext
        switch worker.routing.gateway?.credentials[server.group] {
        case .ready(let found): context = found
        case .missing(let reason): return refuse("\(server.place): \(reason)")
        case nil: return refuse("\(server.place) is not served any more")
        }
        let source = source
        guard worker.admitsHandshake(source) else { return close() }
        handshake = TLSChannel.accept(
            over: channel, received: take(), selection: { _ in .use(context) },
            timeout: worker.configuration.timeouts.handshake
        ) { [self] result in
            handshake = nil
            worker.handshakeEnded(source)
            switch result {
            case .failure(let failure):
                note("\(server.place): \(failure.message)")
                over()
            case .success(let tls):
                var entrance = GatewayEntrance(port: port.address.number, group: server.group, serverName: serverName)
                entrance.isHTTPS = isHTTP
                let facts = facts(entrance, tls.peerCertificate.map(ClientCertificateText.value))
                serve(tls, facts, isHTTP: isHTTP, isStarted: false, spoken: tls.applicationProtocol)
            }
        }
    }

    /// Whose share of the handshakes this one's is.
    private var source: IPAddress {
        switch client {
        case .outside(let remote, _): remote.ip
        // As its ztunnel says; who says nothing shares with those who do not either.
        case .mesh(_, let address, _): TransportAddress(address)?.ip ?? IPAddress(ipv4: 0, 0, 0, 0)
        }
    }

    // MARK: the server

    private func enter(_ server: GatewayServer, _ serverName: String?) {
        var entrance = GatewayEntrance(port: port.address.number, group: server.group, serverName: serverName)
        switch server.action {
        case .http: serve(channel, facts(entrance, nil), isHTTP: true, isStarted: false)
        case .tcp: serve(channel, facts(entrance, nil), isHTTP: false, isStarted: false)
        case .passthrough:
            entrance.isPassthrough = true
            serve(channel, facts(entrance, nil), isHTTP: false, isStarted: true)
        case .terminate(_, let isHTTP): end(server, serverName, isHTTP: isHTTP)
        case .mesh(let isHTTP):
            guard case .mesh = client else { return refuse("\(server.place) is for clients of the mesh only") }
            entrance.isHTTPS = isHTTP
            serve(channel, facts(entrance, nil), isHTTP: isHTTP, isStarted: !first.isEmpty)
        case .refuse(let reason): refuse("\(server.place): \(reason)")
        }
    }

    private func facts(_ entrance: GatewayEntrance, _ certificate: [UInt8]?) -> ClientFacts {
        switch client {
        case .outside(let remote, let local):
            ClientFacts(from: remote, to: local, entrance: entrance, certificate: certificate, worker: worker)
        case .mesh(let identity, let address, let target):
            ClientFacts(identity: identity, address: address, target: target, entrance: entrance, worker: worker)
        }
    }

    private func serve(
        _ channel: ByteChannel, _ facts: ClientFacts, isHTTP: Bool, isStarted: Bool, spoken: String? = nil
    ) {
        guard isHTTP else {
            ByteRelay(worker: worker, channel: channel, client: facts).begin(with: take(), hasEnded: false) {
                [self] in over()
            }
            if !isStarted { channel.start() }
            return
        }
        switch spoken {
        case "h2": speakHTTP2(channel, facts)
        case "http/1.1": speakHTTP1(channel, facts)
        default: listen(channel, facts)
        }
        if !isStarted { channel.start() }
    }

    /// Tells by the first bytes what the client speaks, as it has not said so.
    private func listen(_ channel: ByteChannel, _ facts: ClientFacts) {
        timer = worker.loop.schedule(after: Self.silence) { [self] in
            timer = nil
            speakHTTP1(channel, facts)
        }
        channel.onBytes = { [self] bytes in
            first.append(contentsOf: bytes)
            decide(channel, facts)
        }
        channel.onEnd = { [self] in
            channel.close(reset: false)
            over()
        }
        channel.onLost = { [self] _ in over() }
        if !first.isEmpty { decide(channel, facts) }
    }

    private func decide(_ channel: ByteChannel, _ facts: ClientFacts) {
        switch ProtocolSniffer.look(at: first.prefix(ProtocolSniffer.longest)) {
        case .undecided: return
        case .http2: speakHTTP2(channel, facts)
        // What is no HTTP is refused by the codec.
        case .http1, .opaque: speakHTTP1(channel, facts)
        }
    }

    private func speakHTTP1(_ channel: ByteChannel, _ facts: ClientFacts) {
        cancelTimer()
        HTTP1Exchange(worker: worker, channel: channel, client: facts).begin(with: take()) { [self] in over() }
    }

    private func speakHTTP2(_ channel: ByteChannel, _ facts: ClientFacts) {
        cancelTimer()
        HTTP2Exchange(worker: worker, channel: channel, client: facts).begin(with: take()) { [self] in over() }
    }

    // MARK: the end

    private func take() -> [UInt8] {
        defer { first = [] }
        return first
    }

    private func note(_ reason: String) {
        let who: String
        switch client {
        case .outside(let remote, _): who = remote.description
        case .mesh(let identity, _, _): who = identity.uri
        }
        worker.logger.log(.info, "gateway", "a connection of \(who) to \(port.address) is closed: \(reason)")
    }

    private func refuse(_ reason: String) {
        note(reason)
        close()
    }

    private func close() {
        channel.close(reset: true)
        over()
    }

    private func cancelTimer() {
        if let timer { worker.loop.cancel(timer) }
        timer = nil
    }

    private func over() {
        cancelTimer()
        let body = onOver
        onOver = nil
        body?()
    }
}
