import HTTPWire
import LinuxSystem
import MeshModel
import MeshPolicy
import MeshRuntime
import MeshTelemetry
import NameResolution
import NodeCore
import TLSEngine

/// One data-plane thread of a waypoint or gateway: its listeners, the tunnels and connections it has accepted, and its pool of tunnels
/// to endpoints.
///
/// Confined to its loop. Nothing is shared with other workers but the snapshot and the certificates.
final class WaypointWorker {
    let loop: EventLoop
    let configuration: WaypointConfiguration
    let state: NodeState
    let logger: Logger
    let identity: SPIFFEIdentity
    let service: ServiceName
    private let routes: RoutingPublisher
    /// What the mesh is, and what acts on requests.
    private(set) var routing: RoutingState
    /// Grows with each new `routing`.
    private(set) var generation: UInt64
    private var revoked: RevokedCertificates
    private var version: UInt64
    // The properties marked unchecked are changed by nothing that leads back to them (docs/design/bench.md).
    @exclusivity(unchecked) var random: WorkerRandom
    private var listener: Listener?
    private(set) var tunnels: [ObjectIdentifier: Tunnel] = [:]
    var handshakes: HandshakePlaces
    /// When a bound was last warned about.
    var warnings: [DataPlaneLimit: MonotonicTime] = [:]
    /// The account of what is held for endpoints and clients.
    let memory: HeldMemory
    private(set) var pool: TunnelPool?
    /// The clusters in use, with their connections to endpoints.
    private(set) lazy var clusters = WorkerClusters(self)
    /// The addresses of endpoints that are known by name.
    private(set) lazy var names = makeNames()
    private lazy var resolver = NameResolver(loop: loop, addressLimit: configuration.limits.addressesPerName)
    /// The ports of a gateway.
    private(set) lazy var doors = GatewayDoors(self)
    /// What it counts.
    let telemetry: RequestTelemetry
    /// What a gateway counts, which is itself the client of what it calls.
    private var own: (generation: UInt64, telemetry: ClientTelemetry)?
    /// Connections that are carried as they are.
    var relays: [ObjectIdentifier: ByteRelay] = [:]
    /// Copies of requests that are under way.
    var mirrors = 0
    /// Room for the events of one read, which is used again.
    @exclusivity(unchecked) var http1Events = SpareList<HTTP1Event>()
    /// The same for HTTP/2.
    var http2Events = SpareList<HTTP2Event>()
    /// Streams of clients that are being served.
    private var served = 0
    private var onDrained: (() -> Void)?
    /// What each connection of HTTP does when the worker drains, whatever it came in by: those that are not in use end, the others end
    /// after what they are in use for. Carried bytes stay until the process ends.
    var draining: [ObjectIdentifier: () -> Void] = [:]

    init(
        loop: EventLoop, configuration: WaypointConfiguration, state: NodeState, routes: RoutingPublisher,
        logger: Logger, seed: UInt64
    ) {
        self.loop = loop
        self.configuration = configuration
        self.state = state
        self.logger = logger
        let own = OwnRecord(configuration)
        identity = own.identity
        service = own.service
        self.routes = routes
        generation = routes.version
        routing = routes.state
        revoked = state.revoked
        version = state.version
        random = WorkerRandom(seed: seed)
        handshakes = HandshakePlaces(limit: configuration.limits.handshakes)
        memory = HeldMemory(limit: configuration.limits.heldBytes)
        loop.memory = memory
        telemetry = RequestTelemetry(
            role: configuration.role, seconds: { [loop] in Int64(loop.now.nanoseconds / 1_000_000_000) })
        pool = TunnelPool(
            loop: loop, limits: configuration.limits, idleTimeout: configuration.timeouts.tunnelIdle,
            onLimit: { [weak self] in self?.rejected($0) },
            dial: { [weak self] key, completion in
                guard let self else { return completion(.failure(.drain)) }
                dial(key, completion)
            })
    }

    func warn(_ message: String) { logger.log(.warn, "waypoint", message) }

    /// What it has counted, bytes of connections that go on included.
    func metrics() -> MetricSnapshot {
        for relay in relays.values { relay.countProgress() }
        return telemetry.snapshot(memory)
    }

    /// The time that clusters count in.
    var now: Duration { .nanoseconds(Int64(clamping: loop.now.nanoseconds)) }

    /// Takes nothing new.
    var isDraining: Bool { onDrained != nil }

    /// What all clients of a gateway are counted in.
    func ownTelemetry() -> ClientTelemetry {
        if let own, own.generation == generation { return own.telemetry }
        let end =
            routing.own.map { TelemetryEnd($0, principal: identity.uri) } ?? TelemetryEnd(principal: identity.uri)
        let made = ClientTelemetry(telemetry, source: end, service: nil)
        own = (generation, made)
        return made
    }

    /// The newest state, in two atomic loads where it is the same.
    func refresh() {
        let published = routes.version
        if published != generation {
            generation = published
            routing = routes.state
            clusters.renew()
        }
        let newest = state.version
        guard newest != version else { return }
        version = newest
        revoked = state.revoked
        for tunnel in tunnels.values where revoked.node(ofRevoked: tunnel.peer.serialNumber) != nil {
            warn("the tunnel of \(tunnel.peer.identity ?? "nobody") is cut: its certificate was revoked")
            tunnel.close(.noError)
        }
    }

    /// Whether connections to a service go by server name.
    func hasServerNameRoutes(_ service: ServiceName) -> Bool {
        refresh()
        return routing.routes.routes(of: service)?.tls.isEmpty == false
    }

    private func makeNames() -> NameCache {
        let made = NameCache(
            loop: loop, log: { [weak self] in self?.logger.log(.warn, "names", $0) },
            ask: { [weak self] in self?.resolver.resolve($0, completion: $1) })
        made.onAnswer = { [weak self] in self?.telemetry.resolved($0) }
        made.onLimit = { [weak self] in self?.rejected(.addressesPerName) }
        return made
    }

    // MARK: tunnels in

    func listen(_ socket: consuming Descriptor) throws(Errno) {
        listener = try Listener(loop: loop, socket: socket, isShared: true) { [weak self] socket, peer in
            self?.accept(socket, peer)
        }
    }

    private func accept(_ socket: consuming Descriptor, _ peer: SocketAddress) {
        guard tunnels.count + doors.count < configuration.limits.connections else { return rejected(.connections) }
        guard admitsContent() else { return }
        refresh()
        guard case .ready(let context) = state.certificates.context(for: identity, role: .server) else {
            return warn("a connection from \(peer) is refused: no certificate for \(identity.uri) has arrived yet")
        }
        let source = IPAddress(peer)
        guard admitsHandshake(source) else { return }
        Tunnel.accept(
            loop: loop, socket: socket, peer: peer, contexts: .fixed(context), configuration: configuration.http2,
            handshakeTimeout: configuration.timeouts.handshake,
            onReady: { [weak self] tunnel in
                self?.handshakes.give(source)
                self?.serve(tunnel)
            },
            onFailure: { [weak self] failure in
                self?.logger.log(.info, "waypoint", "no tunnel: \(failure.message)")
                self?.handshakeEnded(source)
            })
    }

    private func serve(_ tunnel: Tunnel) {
        guard let client = tunnel.peer.identity.flatMap(SPIFFEIdentity.init(uri:)),
            revoked.node(ofRevoked: tunnel.peer.serialNumber) == nil
        else {
            warn("the tunnel of \(tunnel.remote) is refused: its certificate has no identity, or was revoked")
            tunnel.close(.noError)
            return finishDrain()
        }
        tunnels[ObjectIdentifier(tunnel)] = tunnel
        tunnel.onClosed = { [weak self, weak tunnel] _ in
            if let tunnel { self?.tunnels[ObjectIdentifier(tunnel)] = nil }
            self?.finishDrain()
        }
        tunnel.onRequest = { [weak self, weak tunnel] stream, fields in
            guard let self, let tunnel else { return stream.reset(.refusedStream) }
            begin(stream, fields, client, tunnel.remote)
        }
        // It was accepted before the drain, and its client counts on it: it gets its GOAWAY now.
        if onDrained != nil { tunnel.drain() }
    }

    private func begin(
        _ stream: TunnelStream, _ fields: HTTPFieldBlock, _ client: SPIFFEIdentity, _ remote: SocketAddress
    ) {
        refresh()
        guard fields.isConnect, fields.protocolName == nil else {
            return stream.respond(.response(status: 400), endStream: true)
        }
        do throws(WaypointTarget.Refusal) {
            let target = try WaypointTarget.find(
                fields.authority ?? "", in: routing.snapshot, waypoint: service, network: configuration.network)
            let port = try routing.port(for: target, of: service)
            guard admitsContent() else { return stream.respond(.response(status: 503), endStream: true) }
            stream.respond(.response(status: 200), endStream: false)
            let address = Self.source(fields) ?? remote.description
            if let port { return doors.enter(.over(stream), .mesh(client, address: address, target), port) }
            began()
            ClientStream(
                worker: self, channel: .over(stream),
                client: ClientFacts(identity: client, address: address, target: target, worker: self)
            ).begin { [weak self] in self?.ended() }
        } catch {
            warn("CONNECT of \(client.uri) is refused with 400: \(error.reason)")
            stream.respond(.response(status: 400), endStream: true)
        }
    }

    /// The address that the client's ztunnel names; only for logs and X-Forwarded-For, as it is not proven.
    private static func source(_ fields: HTTPFieldBlock) -> String? {
        fields.first(HeaderNames.forwarded).flatMap { Forwarded(parsing: $0)?.source }
    }

    /// A client's stream or connection is served from here on.
    func began() { served += 1 }

    /// It is over.
    func ended() {
        served -= 1
        finishDrain()
    }

    // MARK: tunnels out

    private func dial(_ key: TunnelKey, _ completion: @escaping (Result<Tunnel, ConnectionFailure>) -> Void) {
        guard case .ready(let context) = state.certificates.context(for: identity, role: .client) else {
            return completion(.failure(.identity("no certificate for \(identity.uri) has arrived yet")))
        }
        let socket: Descriptor
        do throws(Errno) {
            socket = try Self.socket(for: key.address)
        } catch {
            return completion(.failure(.connectFailed("cannot make a socket to \(key.address): \(error)")))
        }
        _ = Tunnel.dial(
            loop: loop, socket: socket, to: key.address, tls: context, serverName: key.serverName,
            expectedIdentities: key.expectedIdentities, configuration: configuration.http2,
            timeout: configuration.timeouts.connect
        ) { [weak self] result in
            switch result {
            case .failure(let failure): completion(.failure(.tunnel(failure)))
            case .success(let tunnel):
                guard let self else { return completion(.failure(.drain)) }
                refresh()
                guard let node = revoked.node(ofRevoked: tunnel.peer.serialNumber) else {
                    return completion(.success(tunnel))
                }
                tunnel.close(.noError)
                completion(
                    .failure(
                        .revoked(
                            identity: tunnel.peer.identity ?? "nobody", node: node, serial: tunnel.peer.serialNumber)))
            }
        }
    }

    private static func socket(for address: SocketAddress) throws(Errno) -> Descriptor {
        let socket = try Socket.tcp(for: address)
        try Socket.setKeepAlive(socket.raw)
        return socket
    }

    // MARK: the end

    /// Takes nothing new, and calls back when what is open has ended.
    func drain(_ completion: @escaping () -> Void) {
        listener?.close()
        listener = nil
        onDrained = completion
        doors.drain()
        for tunnel in tunnels.values { tunnel.drain() }
        // A copy: what is told may take itself out.
        for body in Array(draining.values) { body() }
        finishDrain()
    }

    /// A tunnel without a stream may have one on its way, until its client has seen the GOAWAY and closes.
    func finishDrain() {
        guard served == 0, handshakes.count == 0, tunnels.isEmpty, let body = onDrained else { return }
        onDrained = nil
        clusters.closeAll()
        pool?.close(now: true)
        resolver.close()
        body()
    }
}
