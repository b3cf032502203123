import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import NodeCore

/// The way to an endpoint: a CONNECT stream to its ztunnel, or plain TCP where it has none; another endpoint of the service after a
/// failure, at most `DataPlaneLimits.connectAttempts`. Nothing of the client's has been sent meanwhile. Confined to its loop.
final class UpstreamAttempt {
    /// What it comes to: a channel that was not started, and whose it is.
    typealias Completion = (Result<(ByteChannel, EndpointChoice), ConnectionFailure>) -> Void

    private let worker: WaypointWorker
    private let client: ClientFacts
    private var excluded: Set<String> = []
    private var completion: Completion?
    private var last: ConnectionFailure?
    private var stream: TunnelStream?

    init(worker: WaypointWorker, client: ClientFacts, completion: @escaping Completion) {
        self.worker = worker
        self.client = client
        self.completion = completion
    }

    /// Chooses an endpoint.
    func choose() -> EndpointChoice? {
        worker.refresh()
        guard let source = worker.ownRecord() else {
            last = .noUpstream("this waypoint is no endpoint of the service \(worker.service): register it")
            return nil
        }
        return client.target.endpoint(
            in: worker.snapshot, for: source, excluding: excluded, random: &worker.random)
    }

    /// Goes to `choice`, or to others when it cannot be reached.
    func go(to choice: EndpointChoice?) {
        guard completion != nil else { return }
        guard let choice, excluded.count < worker.configuration.limits.connectAttempts else {
            return end(.failure(last ?? .noUpstream("no healthy upstream")))
        }
        guard let ip = choice.workload.addresses.first else {
            return failed(.noUpstream("\(choice.workload) has no address"), choice)
        }
        let address = SocketAddress(ip, port: choice.port)
        switch choice.workload.tunnelProtocol {
        case .tcp: connect(address, choice)
        case .hbone: open(SocketAddress(ip, port: Ports.hbone), address, choice)
        }
    }

    /// Gives up without a word.
    func cancel() {
        completion = nil
        stream?.reset(.cancel)
    }

    private func connect(_ address: SocketAddress, _ choice: EndpointChoice) {
        let socket: Descriptor
        do throws(Errno) {
            socket = try Socket.tcp(for: address)
        } catch {
            return failed(.connectFailed("cannot make a socket to \(address): \(error)"), choice)
        }
        TCPConnection.connect(
            loop: worker.loop, socket: socket, to: address, timeout: worker.configuration.timeouts.connect
        ) { [self] result in
            switch result {
            case .failure(let failure): failed(.connect(failure), choice)
            case .success(let connection):
                guard completion != nil else { return connection.close() }
                end(.success((.over(connection), choice)))
            }
        }
    }

    private func open(_ dial: SocketAddress, _ address: SocketAddress, _ choice: EndpointChoice) {
        var names = (client.target.service?.subjectAltNames ?? []).filter { SPIFFEIdentity(uri: $0) != nil }
        if !names.contains(choice.workload.identity.uri) { names.append(choice.workload.identity.uri) }
        let key = TunnelKey(
            address: dial, source: .any4(port: 0), serverName: choice.workload.identity.serverName,
            expectedIdentities: names)
        guard let pool = worker.pool else { return failed(.drain, choice) }
        pool.checkOut(key) { [self] result in
            guard completion != nil else { return }
            switch result {
            case .failure(let failure): failed(failure, choice)
            case .success(let checkout):
                var fields = HTTPFieldBlock.connect(authority: address.description)
                if let own = worker.ownRecord() { fields.append(name: HeaderNames.baggage, value: Baggage(own).value) }
                fields.append(
                    name: HeaderNames.forwarded,
                    value: Forwarded(source: client.address, host: client.target.service?.hostname).value)
                stream = checkout.tunnel.open(
                    fields,
                    onResponse: { [self] stream, response, endStream in
                        guard completion != nil else { return stream.reset(.cancel) }
                        guard response.status == 200, !endStream else {
                            self.stream = nil
                            if !endStream { stream.reset(.cancel) }
                            return failed(.httpStatus(response.status ?? 0), choice)
                        }
                        self.stream = nil
                        end(.success((.over(stream), choice)))
                    },
                    onEnd: { [self] ended, end in
                        guard stream === ended else { return }
                        stream = nil
                        failed(.tunnelClosed("the tunnel ended before it answered: \(end)"), choice)
                    })
                if stream == nil {
                    pool.discard(checkout.tunnel, of: key)
                    failed(.tunnelClosed("the tunnel took no more streams"), choice)
                }
            }
        }
    }

    private func failed(_ failure: ConnectionFailure, _ choice: EndpointChoice) {
        last = failure
        excluded.insert(choice.workload.uid)
        go(to: choose())
    }

    private func end(_ result: Result<(ByteChannel, EndpointChoice), ConnectionFailure>) {
        let body = completion
        completion = nil
        body?(result)
    }
}
