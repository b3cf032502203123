package import HTTPWire
package import LinuxSystem
package import MeshModel
package import MeshRuntime
package import NodeCore
import TLSEngine

/// One enrolled workload on one worker: its listeners, its tunnels both ways, and what the snapshot says about it. What arrives
/// for workloads of the host is accepted by `HostInbound`, which hands it to the workload that it means.
///
/// Confined to its worker's loop. It lives until its last connection has ended after `stop`.
package final class WorkloadServer {
    /// Who it is.
    package private(set) var workload: LocalWorkload
    /// Its identity, as the URI that labels carry.
    package let identityURI: String
    /// Its worker, which outlives it.
    package unowned let worker: Worker
    /// Connections that wait for the record or the certificate.
    package let room: WaitingRoom
    /// Its client tunnels.
    package private(set) var pool: TunnelPool
    /// Connections of the table that belong to it.
    package var liveConnections = 0
    /// Set once the workload is being removed or drained.
    package private(set) var isStopping = false
    private var isCut = false

    private let sockets: WorkloadSockets
    private var listeners: [Listener] = []
    private var tunnels: [ObjectIdentifier: InboundTunnel] = [:]
    private var record: Workload?
    private var lastRecord: Workload?
    private var recordVersion: UInt64 = 0
    /// How the workload describes itself, made once per snapshot.
    private var baggage = ""
    private var isTransparent = false
    private var hasWarnedAboutSource = false
    private var onStopped: (() -> Void)?

    /// A server without listeners; `listen` opens them.
    package init(workload: LocalWorkload, worker: Worker) {
        self.workload = workload
        self.identityURI = workload.identity.uri
        self.worker = worker
        let configuration = worker.configuration
        self.sockets = WorkloadSockets(
            namespace: workload.place.networkNamespace, mark: configuration.packetMark,
            applicationMark: workload.inheritsMarks ? PacketMarks.originalSource : configuration.packetMark)
        self.room = WaitingRoom(
            loop: worker.loop, capacity: configuration.limits.waitingConnections,
            timeout: configuration.timeouts.workload)
        self.pool = TunnelPool(
            loop: worker.loop, limits: configuration.limits, idleTimeout: configuration.timeouts.tunnelIdle,
            onLimit: { [unowned worker] in worker.rejected($0) },
            dial: { _, completion in completion(.failure(.drain)) })
        self.pool = TunnelPool(
            loop: worker.loop, limits: configuration.limits, idleTimeout: configuration.timeouts.tunnelIdle,
            onLimit: { [unowned worker] in worker.rejected($0) },
            dial: { [unowned self] key, completion in dial(key, completion) })
    }

    // MARK: Listening

    /// Takes over the listening sockets of this worker. `isTransparent`: whether sockets of the workload may use the clients'
    /// addresses.
    package func listen(_ sockets: ListeningSockets, isTransparent: Bool) {
        self.isTransparent = isTransparent
        let owner = "\(workload.namespace)/\(workload.name)"
        var opened = sockets.outbound.map {
            worker.listen($0, of: owner) { [unowned self] in acceptOutbound($0, $1) }
        }
        if let inbound = sockets.inbound {
            opened.append(
                worker.listen(inbound.plaintext, of: owner) { [unowned self] socket, peer in
                    worker.acceptPlaintext(socket, peer) { _ in self }
                })
            opened.append(worker.listen(inbound.hbone, of: owner) { [unowned self] in acceptTunnel($0, $1) })
        }
        listeners = opened.compactMap(\.self)
    }

    /// The workload's place has changed in what touches no socket: its ports.
    package func update(_ workload: LocalWorkload) { self.workload = workload }

    private func acceptOutbound(_ socket: consuming Descriptor, _ peer: SocketAddress) {
        guard worker.canRegister() else { return }
        let client = TCPConnection(loop: worker.loop, socket: socket, peer: peer)
        guard let destination = outboundDestination(of: client) else {
            worker.log.earlyDenial(source: peer, destination: client.local, direction: .outbound, .notCaptured)
            return client.reset()
        }
        if SelfCallGuard.isSelfCall(destination, acceptedOn: client.local, port: Ports.outbound) {
            worker.log.earlyDenial(source: peer, destination: destination, direction: .outbound, .selfCall)
            return client.reset()
        }
        let connection = ProxiedConnection(
            server: self, source: peer, destination: destination, peer: nil, direction: .outbound, transport: .tcp,
            labels: worker.unknownLabels(.outbound), now: worker.loop.now)
        let attempt = OutboundAttempt(server: self, client: client, connection: connection)
        connection.activity = .outbound(attempt)
        worker.register(connection)
        attempt.begin()
    }

    /// Where a captured connection was going. Whoever is in a network namespace of the workload's own speaks for it; on the
    /// host only what the capture rules have redirected does.
    private func outboundDestination(of client: TCPConnection) -> SocketAddress? {
        if workload.place.host == nil { return client.originalDestination ?? client.local }
        return RedirectedConnection.destination(original: client.originalDestination, acceptedOn: client.local)
    }

    /// Serves a plaintext client of the workload.
    package func passThrough(_ client: TCPConnection, to destination: SocketAddress) {
        let connection = ProxiedConnection(
            server: self, source: client.peer, destination: destination, peer: nil, direction: .inbound,
            transport: .tcp, labels: worker.unknownLabels(.inbound), now: worker.loop.now)
        let attempt = PassthroughAttempt(server: self, client: client, connection: connection)
        connection.activity = .passthrough(attempt)
        worker.register(connection)
        attempt.begin()
    }

    // MARK: Inbound tunnels

    private func acceptTunnel(_ socket: consuming Descriptor, _ peer: SocketAddress) {
        guard worker.canBeginTunnel(peer) else { return }
        let local = (try? Socket.localAddress(socket.raw)) ?? .any6(port: Ports.hbone)
        let pending = SocketHandover(socket)
        withContext(.server) { [self] result in
            guard let socket = pending.take() else { return worker.endHandshake(peer) }
            switch result {
            case .success(let context):
                worker.negotiate(socket, peer, local, .fixed(context)) { [self] in serve($0) }
            case .failure(let failure):
                worker.endHandshake(peer)
                worker.log.earlyDenial(source: peer, destination: local, direction: .inbound, failure)
                try? Socket.setResetOnClose(socket.raw)
            }
        }
    }

    /// Serves a tunnel that was answered with the workload's certificate.
    package func serve(_ tunnel: Tunnel) {
        // TLS let the peer in because one of its names is in the trust domain; only a full SPIFFE id is an identity.
        guard !isCut, let identity = tunnel.peer.uriNames.lazy.compactMap(SPIFFEIdentity.init(uri:)).first else {
            return tunnel.close(.noError)
        }
        if let failure = worker.revocation(of: tunnel) {
            worker.log.earlyDenial(source: tunnel.remote, destination: tunnel.local, direction: .inbound, failure)
            return tunnel.close(.noError)
        }
        let inbound = InboundTunnel(server: self, tunnel: tunnel, identity: identity)
        tunnels[ObjectIdentifier(inbound)] = inbound
        worker.inboundTunnels += 1
        inbound.serve()
        // It was accepted before the drain, and its client counts on it: it gets its GOAWAY now.
        if isStopping { tunnel.drain() }
    }

    /// The tunnels that lead to this workload.
    var inboundTunnels: [InboundTunnel] { Array(tunnels.values) }

    /// A tunnel is gone; its streams have reported their own ends.
    package func tunnelClosed(_ tunnel: InboundTunnel) {
        tunnels.removeValue(forKey: ObjectIdentifier(tunnel))
        worker.inboundTunnels -= 1
        reportIfStopped()
    }

    /// Gives the tunnels to another workload of the same identity.
    package func bequeathTunnels(to heir: WorkloadServer) {
        for (key, tunnel) in tunnels {
            tunnel.server = heir
            heir.tunnels[key] = tunnel
        }
        tunnels.removeAll()
    }

    // MARK: The workload's record

    /// What the snapshot says about this workload; nil when it does not know it.
    package func currentRecord() -> Workload? {
        worker.refreshSnapshot()
        if recordVersion != worker.snapshotVersion {
            recordVersion = worker.snapshotVersion
            record = worker.snapshot.workload(
                namespace: workload.namespace, name: workload.name, serviceAccount: workload.serviceAccount,
                node: worker.configuration.node)
            lastRecord = record ?? lastRecord
            baggage = record.map { Baggage($0).value } ?? ""
        }
        return record
    }

    /// The record that policies of live connections are judged by: the current one, or the last that there was.
    package func recordForReview() -> Workload? { currentRecord() ?? lastRecord }

    // MARK: Upstream

    /// What an upstream connect comes to.
    package typealias Connected = (Result<TCPConnection, ConnectionFailure>) -> Void

    /// Connects to `address` from inside the workload's network namespace.
    package func connect(to address: SocketAddress, completion: @escaping Connected) {
        connect(to: address, { () throws(Errno) in try sockets.connecting(to: address) }, completion)
    }

    /// Connects to the application. With `source`, it sees that address; where the kernel refuses, a warning is logged once
    /// and the connect goes on without (Z 4.2).
    package func connect(
        toApplication address: SocketAddress, from source: SocketAddress?, completion: @escaping Connected
    ) {
        connect(to: address, { () throws(Errno) in try applicationSocket(address, source) }, completion)
    }

    private func connect(
        to address: SocketAddress, _ make: () throws(Errno) -> Descriptor, _ completion: @escaping Connected
    ) {
        let socket: Descriptor
        do throws(Errno) {
            socket = try make()
        } catch {
            return completion(.failure(.connectFailed("cannot make a socket to \(address): \(error)")))
        }
        guard worker.admits(upstream: socket.raw) else { return completion(.failure(.limit(.descriptors))) }
        TCPConnection.connect(
            loop: worker.loop, socket: socket, to: address, timeout: worker.configuration.timeouts.connect
        ) { result in
            completion(result.mapError { .connect($0) })
        }
    }

    private func applicationSocket(
        _ address: SocketAddress, _ source: SocketAddress?
    ) throws(Errno) -> Descriptor {
        do throws(Errno) {
            return try sockets.connecting(toApplication: address, from: source)
        } catch {
            guard let source else { throw error }
            if !hasWarnedAboutSource {
                hasWarnedAboutSource = true
                worker.log.warn(
                    "\(workload.namespace)/\(workload.name): cannot connect from the client's address \(source): \(error); "
                        + "applications see the node's address instead. Grant CAP_NET_ADMIN, or set ENABLE_ORIG_SRC=false"
                )
            }
            return try sockets.connecting(toApplication: address, from: nil)
        }
    }

    /// The address that a connection to `destination` is made from, or nil for the host's own choice.
    package func spoofedSource(_ client: SocketAddress, for destination: SocketAddress) -> SocketAddress? {
        guard isTransparent, client.isIPv4 == destination.isIPv4, client.with(port: 0) != destination.with(port: 0),
            !destination.isLoopback || client.isLoopback
        else { return nil }
        return client.with(port: 0)
    }

    // MARK: Header blocks

    /// The CONNECT of a captured connection (Z 2.3).
    package func connectRequest(
        authority: String, service: Service?, source: SocketAddress, trace: TraceParent
    ) -> HTTPFieldBlock {
        var fields = HTTPFieldBlock.connect(authority: authority)
        if !baggage.isEmpty { fields.append(name: HeaderNames.baggage, value: baggage) }
        fields.append(
            name: HeaderNames.forwarded,
            value: Forwarded(source: source.description, host: service?.hostname).value)
        fields.append(name: HeaderNames.traceparent, value: trace.description)
        return fields
    }

    /// The answer to a CONNECT whose application answered.
    package func connectResponse() -> HTTPFieldBlock {
        var fields = HTTPFieldBlock.response(status: 200)
        if worker.configuration.responseBaggage, !baggage.isEmpty {
            fields.append(name: HeaderNames.baggage, value: baggage)
        }
        return fields
    }

    // MARK: Tunnels out

    private func dial(_ key: TunnelKey, _ completion: @escaping (Result<Tunnel, ConnectionFailure>) -> Void) {
        withContext(.client) { [self] result in
            switch result {
            case .failure(let failure): completion(.failure(failure))
            case .success(let context): dial(key, context, completion)
            }
        }
    }

    private func dial(
        _ key: TunnelKey, _ context: TLSContext, _ completion: @escaping (Result<Tunnel, ConnectionFailure>) -> Void
    ) {
        let socket: Descriptor
        do throws(Errno) {
            socket = try sockets.connecting(to: key.address)
        } catch {
            return completion(.failure(.connectFailed("cannot make a socket to \(key.address): \(error)")))
        }
        guard worker.admits(upstream: socket.raw) else { return completion(.failure(.limit(.descriptors))) }
        _ = Tunnel.dial(
            loop: worker.loop, socket: socket, to: key.address, tls: context, serverName: key.serverName,
            expectedIdentities: key.expectedIdentities, configuration: worker.configuration.http2,
            timeout: worker.configuration.timeouts.connect
        ) { [worker] result in
            switch result {
            case .failure(let failure): completion(.failure(.tunnel(failure)))
            case .success(let tunnel):
                guard let failure = worker.revocation(of: tunnel) else { return completion(.success(tunnel)) }
                tunnel.close(.noError)
                completion(.failure(failure))
            }
        }
    }

    /// The workload's TLS context for one side: at once where the certificate is there, else when it has arrived.
    private func withContext(_ role: TLSRole, _ body: @escaping (Result<TLSContext, ConnectionFailure>) -> Void) {
        switch worker.context(for: workload.identity, role: role) {
        case .ready(let context): body(.success(context))
        case .failed(let reason): body(.failure(.identity(reason)))
        case .pending:
            worker.fetchCertificate(workload.identity)
            let waits = room.wait { [self] timedOut in
                if timedOut, case .pending = worker.context(for: workload.identity, role: role) {
                    body(.failure(.identity("no certificate for \(workload.identity.uri) has arrived yet")))
                } else {
                    withContext(role, body)
                }
            }
            if !waits {
                worker.rejected(.waitingConnections)
                body(.failure(.limit(.waitingConnections)))
            }
        }
    }

    // MARK: Stopping

    /// Closes the listeners; inbound tunnels get GOAWAY. Immediate: everything is cut. `onStopped` is called when the last
    /// connection and tunnel are gone.
    package func stop(_ mode: StopMode, onStopped: @escaping () -> Void) {
        guard !isStopping else { return onStopped() }
        isStopping = true
        self.onStopped = onStopped
        for listener in listeners { listener.close() }
        listeners = []
        room.wake()
        switch mode {
        case .immediate:
            cut()
        case .graceful(let deadline):
            for tunnel in tunnels.values { tunnel.tunnel.drain() }
            worker.loop.schedule(after: deadline) { [weak self] in self?.cut() }
            reportIfStopped()
        }
    }

    /// Called by the worker when no inbound tunnel is being negotiated: none can come any more.
    package func handshakesEnded() { reportIfStopped() }

    /// Called by the worker when a connection of this workload has ended.
    package func connectionEnded() {
        liveConnections -= 1
        reportIfStopped()
    }

    /// Cuts every connection and tunnel.
    package func cut() {
        isCut = true
        worker.cutConnections(of: self, .drain)
        pool.close(now: true)
        for tunnel in tunnels.values { tunnel.tunnel.close(.noError) }
        reportIfStopped()
    }

    private func reportIfStopped() {
        guard isStopping, liveConnections == 0, tunnels.isEmpty, worker.handshakes == 0 || isCut, let onStopped else {
            return
        }
        self.onStopped = nil
        pool.close(now: true)
        onStopped()
    }
}
