import HTTPWire
import LinuxSystem
import MeshModel
import MeshPolicy
import MeshRuntime
import NameResolution
import NodeCore
import TLSEngine

/// Makes one connection to one endpoint: a CONNECT stream to its ztunnel, or plain TCP where it has none; then the PROXY protocol, TLS
/// of the request's own, and a tunnel of HTTP through the endpoint inside, where a DestinationRule asks for them. Confined to its loop.
final class EndpointDial {
    /// A channel that was not started.
    typealias Completion = (Result<ByteChannel, ConnectionFailure>) -> Void

    private let cluster: WorkerCluster
    private let workload: Workload
    /// Where the endpoint is reached, the address to try first at the beginning; empty where only its name is known.
    private let addresses: [IPAddress]
    private let port: UInt16
    private let source: String
    private let host: String?
    private let protocols: [String]
    private let tunnel: DestinationRuleSpec.Tunnel?
    private var completion: Completion?
    private var stream: TunnelStream?
    private var attempt: ConnectAttempt?
    private var secured: TLSChannel?
    private var proxied: HTTPTunnelChannel?
    private var timer: TimerID?

    /// `source` and `host` are told to the endpoint's ztunnel for its log; the PROXY protocol names `source`. `protocols` are offered in
    /// ALPN, where there is TLS. With `tunnel` the endpoint is a proxy, and the channel leads to where that one is asked to connect.
    init(
        cluster: WorkerCluster, endpoint: ClusterEndpoint, source: String, host: String?, protocols: [String],
        tunnel: DestinationRuleSpec.Tunnel? = nil
    ) {
        self.cluster = cluster
        workload = endpoint.workload
        addresses = endpoint.addresses.isEmpty ? Array(workload.addresses.prefix(1)) : endpoint.addresses
        port = endpoint.port
        self.source = source
        self.host = host
        self.protocols = tunnel == nil ? protocols : ["http/1.1"]
        self.tunnel = tunnel
    }

    private var worker: WaypointWorker { cluster.worker }
    private var policy: ClusterPolicy { cluster.policy }
    private var timeout: Duration { cluster.policy.limits.connectTimeout }

    /// Connects; the completion is called once, perhaps in this call.
    func begin(_ completion: @escaping Completion) {
        self.completion = completion
        let limit = timeout
        timer = worker.loop.schedule(after: limit) { [self] in
            timer = nil
            // Before the steps under way are stopped, as they would tell of it.
            let body = self.completion
            let silent = proxied == nil ? "" : "the proxy gave no answer, "
            self.completion = nil
            stop()
            body?(.failure(.connectFailed("\(silent)not within \(DurationText.text(limit))")))
        }
        guard addresses.isEmpty else { return reach(addresses.map { SocketAddress($0, port: port) }) }
        guard !workload.hostname.isEmpty else { return end(.failure(.noUpstream("\(workload) has no address"))) }
        worker.names.addresses(of: workload.hostname) { [self] result in
            guard self.completion != nil else { return }
            switch result {
            case .failure(let failure): end(.failure(.connectFailed(failure.description)))
            case .success(let addresses): reach(addresses.map { $0.with(port: port) })
            }
        }
    }

    /// Gives up without a word.
    func cancel() {
        completion = nil
        cancelTimer()
        stop()
    }

    private func stop() {
        stream?.reset(.cancel)
        stream = nil
        let (attempt, secured, proxied) = (attempt, secured, proxied)
        self.attempt = nil
        self.secured = nil
        self.proxied = nil
        attempt?.cancel()
        secured?.close(reset: true)
        proxied?.close(reset: true)
    }

    // MARK: the way there

    private func reach(_ addresses: [SocketAddress]) {
        guard let first = addresses.first else { return end(.failure(.noUpstream("\(workload) has no address"))) }
        switch workload.tunnelProtocol {
        case .tcp: connect(addresses[...], limit: timeout / min(addresses.count, Self.addressesTried))
        case .hbone: open(first.with(port: workload.tunnelPort), first)
        }
    }

    /// Addresses of one name that get a share of the time.
    private static let addressesTried = 3

    /// Connects to the first of several addresses that takes the connection.
    private func connect(_ addresses: ArraySlice<SocketAddress>, limit: Duration) {
        guard let address = addresses.first else { return }
        let socket: Descriptor
        do throws(Errno) {
            socket = try Self.socket(for: address, policy.limits.tcpKeepalive)
        } catch {
            let failure = ConnectionFailure.connectFailed("cannot make a socket to \(address): \(error)")
            return missed(addresses, failure, limit)
        }
        attempt = TCPConnection.connect(loop: worker.loop, socket: socket, to: address, timeout: limit) {
            [self] result in
            attempt = nil
            switch result {
            case .failure(let failure): missed(addresses, .connect(failure), limit)
            case .success(let connection):
                guard completion != nil else { return connection.close() }
                prepare(.over(connection), to: address)
            }
        }
    }

    private func missed(_ addresses: ArraySlice<SocketAddress>, _ failure: ConnectionFailure, _ limit: Duration) {
        guard completion != nil else { return }
        let rest = addresses.dropFirst()
        if rest.isEmpty { end(.failure(failure)) } else { connect(rest, limit: limit) }
    }

    /// What is not written of the keep-alive is as in ztunnel's tunnels.
    private static func socket(
        for address: SocketAddress, _ wanted: DestinationRuleSpec.ConnectionPool.TCP.Keepalive?
    ) throws(Errno) -> Descriptor {
        let socket = try Socket.tcp(for: address)
        guard let wanted else { return socket }
        func seconds(_ time: Duration?) -> CInt { CInt(clamping: time?.components.seconds ?? 180) }
        try Socket.setKeepAlive(
            socket.raw, idleSeconds: seconds(wanted.time), intervalSeconds: seconds(wanted.interval),
            probes: CInt(clamping: wanted.probes ?? 9))
        return socket
    }

    private func open(_ dial: SocketAddress, _ address: SocketAddress) {
        var names = cluster.identities
        if !names.contains(workload.identity.uri) { names.append(workload.identity.uri) }
        let key = TunnelKey(
            address: dial, source: .any4(port: 0), serverName: workload.identity.serverName, expectedIdentities: names)
        guard let pool = worker.pool else { return end(.failure(.drain)) }
        pool.checkOut(key) { [self] result in
            guard completion != nil else { return }
            switch result {
            case .failure(let failure): end(.failure(failure))
            case .success(let checkout):
                stream = checkout.tunnel.open(
                    connectHead(address),
                    onResponse: { [self] stream, response, endStream in
                        guard completion != nil else { return stream.reset(.cancel) }
                        self.stream = nil
                        guard response.status == 200, !endStream else {
                            if !endStream { stream.reset(.cancel) }
                            return end(.failure(.httpStatus(response.status ?? 0)))
                        }
                        prepare(.over(stream), to: address)
                    },
                    onEnd: { [self] ended, end in
                        guard stream === ended else { return }
                        stream = nil
                        self.end(.failure(.tunnelClosed("the tunnel ended before it answered: \(end)")))
                    })
                if stream == nil {
                    pool.discard(checkout.tunnel, of: key)
                    end(.failure(.tunnelClosed("the tunnel took no more streams")))
                }
            }
        }
    }

    private func connectHead(_ address: SocketAddress) -> HTTPFieldBlock {
        var fields = HTTPFieldBlock.connect(authority: address.description)
        if let own = worker.routing.own { fields.append(name: HeaderNames.baggage, value: Baggage(own).value) }
        fields.append(
            name: HeaderNames.forwarded,
            value: Forwarded(source: source.isEmpty ? nil : source, host: host).value)
        return fields
    }

    // MARK: what is said first

    private func prepare(_ channel: ByteChannel, to address: SocketAddress) {
        if let version = policy.proxyProtocol {
            let preamble = self.preamble(version, address)
            preamble.withUnsafeBytes { channel.send($0) }
        }
        guard let block = policy.tls else { return ask(channel) }
        let context: PublicTLSContext
        do throws(TLSError) {
            context = try worker.routing.endpointTLS.context(for: block)
        } catch {
            channel.close(reset: true)
            return end(.failure(.tls(error.message)))
        }
        let server = EndpointServerName(block, service: cluster.cluster.service)
        secured = TLSChannel.connect(
            over: channel, context: context, serverName: server.asked, names: .oneOf(server.accepted),
            protocols: protocols, timeout: timeout
        ) { [self] result in
            secured = nil
            switch result {
            case .failure(let failure): end(.failure(.tls(failure.message)))
            case .success(let channel):
                guard completion != nil else { return channel.close(reset: true) }
                ask(channel)
            }
        }
    }

    /// Asks the endpoint for the way on, where it is a proxy.
    private func ask(_ channel: ByteChannel) {
        guard let tunnel else { return end(.success(channel)) }
        let asked = HTTPTunnelChannel(
            over: channel, method: tunnel.method == .post ? .post : .connect, target: tunnel.authority)
        proxied = asked
        asked.ask { [self] result in
            proxied = nil
            switch result {
            case .failure(let failure): end(.failure(.connectFailed(failure.message)))
            case .success: end(.success(asked))
            }
        }
    }

    /// The client's address as its ztunnel has it, and the service's that it asked for; that of a service without endpoints is any of many.
    private func preamble(_ version: DestinationRuleSpec.ProxyProtocol, _ address: SocketAddress) -> [UInt8] {
        let client = TransportAddress(source).map { SocketAddress($0.ip, port: $0.port) }
        let asked = cluster.cluster.service
        let service =
            asked.loadBalancing.mode == .passthrough
            ? nil : asked.addresses.first.map { SocketAddress($0.ip, port: cluster.cluster.key.port) }
        switch version {
        case .v1: return ProxyPreamble.text(source: client, destination: service ?? address)
        case .v2: return ProxyPreamble.make(source: client, destination: service ?? address, identity: nil)
        }
    }

    private func cancelTimer() {
        if let timer { worker.loop.cancel(timer) }
        timer = nil
    }

    private func end(_ result: Result<ByteChannel, ConnectionFailure>) {
        cancelTimer()
        let body = completion
        completion = nil
        body?(result)
    }
}
