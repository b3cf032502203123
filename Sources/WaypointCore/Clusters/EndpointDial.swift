import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import NodeCore

/// Makes one connection to one endpoint: a CONNECT stream to its ztunnel, or plain TCP where it has none. Confined to its loop.
final class EndpointDial {
    /// A channel that was not started.
    typealias Completion = (Result<ByteChannel, ConnectionFailure>) -> Void

    private let worker: WaypointWorker
    private let workload: Workload
    private let port: UInt16
    private let identities: [String]
    private let source: String
    private let host: String?
    private let timeout: Duration
    private var completion: Completion?
    private var stream: TunnelStream?
    private var timer: TimerID?

    /// `identities` may be the endpoint's besides its own; `source` and `host` are told to its ztunnel for its log.
    init(
        worker: WaypointWorker, workload: Workload, port: UInt16, identities: [String], source: String, host: String?,
        timeout: Duration
    ) {
        self.worker = worker
        self.workload = workload
        self.port = port
        self.identities = identities
        self.source = source
        self.host = host
        self.timeout = timeout
    }

    /// Connects; the completion is called once, perhaps in this call.
    func begin(_ completion: @escaping Completion) {
        self.completion = completion
        guard let ip = workload.addresses.first else {
            return end(.failure(.noUpstream("\(workload) has no address")))
        }
        timer = worker.loop.schedule(after: timeout) { [self] in
            timer = nil
            stream?.reset(.cancel)
            stream = nil
            end(.failure(.connectFailed("not within \(DurationText.text(timeout))")))
        }
        let address = SocketAddress(ip, port: port)
        switch workload.tunnelProtocol {
        case .tcp: connect(address)
        case .hbone: open(SocketAddress(ip, port: workload.tunnelPort), address)
        }
    }

    /// Gives up without a word.
    func cancel() {
        completion = nil
        cancelTimer()
        stream?.reset(.cancel)
        stream = nil
    }

    private func connect(_ address: SocketAddress) {
        let socket: Descriptor
        do throws(Errno) {
            socket = try Socket.tcp(for: address)
        } catch {
            return end(.failure(.connectFailed("cannot make a socket to \(address): \(error)")))
        }
        TCPConnection.connect(loop: worker.loop, socket: socket, to: address, timeout: timeout) { [self] result in
            switch result {
            case .failure(let failure): end(.failure(.connect(failure)))
            case .success(let connection):
                guard completion != nil else { return connection.close() }
                end(.success(.over(connection)))
            }
        }
    }

    private func open(_ dial: SocketAddress, _ address: SocketAddress) {
        var names = identities
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
                        end(.success(.over(stream)))
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
