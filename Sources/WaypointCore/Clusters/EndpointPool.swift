import HTTPWire
import MeshModel
import MeshPolicy
import MeshRuntime
import NodeCore

/// The connections of one worker to one endpoint of one cluster in one version of HTTP.
///
/// The cluster's limits are kept here as Envoy does (I 2.15): a request without a free connection is pending, a connection beyond the
/// limit is not made, and what is refused says so at once. Confined to its loop.
final class EndpointPool {
    /// Connections kept for later requests; more are closed at once. Requests in bursts find theirs again, as HTTP/2 makes them: a
    /// connection made and closed for each costs more than the request.
    private static let idleLimit = 1_024
    /// Of those that nobody has used between two looks at them, this many are kept.
    private static let restLimit = 64
    /// How often connections are looked at that nobody uses, at most.
    private static let sweepInterval = Duration.seconds(15)

    let cluster: WorkerCluster
    let version: HTTPVersion
    var endpoint: ClusterEndpoint
    /// All that are open, each once it carries HTTP.
    private var connections: [ObjectIdentifier: UpstreamConnection] = [:]
    // The properties marked unchecked are changed by nothing that leads back to them (docs/design/bench.md).
    /// Those that take a request, the one that was used last at the end.
    @exclusivity(unchecked) private var ready: [UpstreamConnection] = []
    @exclusivity(unchecked) private var waiting: [ConnectionTicket] = []
    /// Connections that there are or that are being made.
    private var open = 0
    /// Those of them that are being made.
    private var dialing = 0
    private var isRetired = false
    /// Grows when connections that were made before are of no more use.
    private var epoch = 0
    private var sweep: TimerID?

    init(_ cluster: WorkerCluster, _ endpoint: ClusterEndpoint, _ version: HTTPVersion) {
        self.cluster = cluster
        self.endpoint = endpoint
        self.version = version
    }

    private var worker: WaypointWorker { cluster.worker }

    var isEmpty: Bool { open == 0 && waiting.isEmpty }

    /// A connection's use for one request, where one takes it now; nil where a request has to `wait` for one. It counts as a request
    /// until `release`.
    func take() throws(ConnectionTicket.Failure) -> (any UpstreamExchange)? {
        guard let connection = takeReady() else { return nil }
        guard cluster.admit(.request) else {
            keep(connection)
            throw .overflow
        }
        return try use(connection)
    }

    /// The same later, in the order in which they were asked for.
    func wait(for source: String, _ completion: @escaping ConnectionTicket.Completion) -> ConnectionTicket {
        let ticket = ConnectionTicket(self, completion)
        guard cluster.admit(.pendingRequest) else {
            ticket.end(.failure(.overflow))
            return ticket
        }
        waiting.append(ticket)
        if version == .http1 || dialing == 0 { dial(for: source) }
        return ticket
    }

    /// A ticket's owner wants nothing any more.
    func forget(_ ticket: ConnectionTicket) {
        let before = waiting.count
        waiting.removeAll { $0 === ticket }
        if waiting.count < before { cluster.release(.pendingRequest) }
    }

    /// A request's use of a connection is over; with `isComplete` request and response are.
    func release(_ exchange: any UpstreamExchange, isComplete: Bool) {
        cluster.release(.request)
        let connection = exchange.connection
        exchange.end(isComplete: isComplete)
        keep(connection)
        serve()
    }

    /// The cluster's limits have changed: connections that were made before carry no more requests.
    func renew() {
        epoch += 1
        closeUnused()
    }

    /// The endpoint is no more among the cluster's: nothing new is sent to it.
    func retire() {
        isRetired = true
        closeUnused()
    }

    /// Those with requests on them end with the last.
    private func closeUnused() {
        for connection in ready { connection.isListed = false }
        ready = []
        for connection in connections.values where connection.isUnused { connection.close() }
    }

    // MARK: connections that take requests

    private func takeReady() -> UpstreamConnection? {
        let cluster = cluster.cluster
        while let connection = ready.popLast() {
            connection.isListed = false
            if connection.takesRequest, !connection.isIdle(longerThan: cluster.policy.limits.idleTimeout),
                !connection.isOlder(than: cluster.policy.limits.connectionDuration)
            {
                return connection
            }
            if connection.isUnused { connection.close() }
        }
        return nil
    }

    private func use(_ connection: UpstreamConnection) throws(ConnectionTicket.Failure) -> any UpstreamExchange {
        guard let exchange = connection.begin() else {
            cluster.release(.request)
            throw .unreachable("the connection is closing")
        }
        if connection.takesRequest { keep(connection) }
        return exchange
    }

    private func hand(_ connection: UpstreamConnection, to ticket: ConnectionTicket) {
        do throws(ConnectionTicket.Failure) {
            ticket.end(.success(try use(connection)))
        } catch {
            ticket.end(.failure(error))
        }
    }

    /// Lists a connection if it takes requests; ends one that is of no more use.
    private func keep(_ connection: UpstreamConnection) {
        guard !connection.isListed else { return }
        guard !isRetired, connection.epoch == epoch, connection.takesRequest, ready.count < Self.idleLimit else {
            if connection.isUnused { connection.close() }
            return
        }
        connection.isListed = true
        ready.append(connection)
        scheduleSweep()
    }

    private func scheduleSweep() {
        guard sweep == nil else { return }
        let interval = min(cluster.policy.limits.idleTimeout ?? Self.sweepInterval, Self.sweepInterval)
        sweep = worker.loop.schedule(after: interval) { [weak self] in
            guard let self else { return }
            sweep = nil
            let timeout = cluster.policy.limits.idleTimeout
            // Those that have rested longest are at the front.
            let spare = ready.dropLast(Self.restLimit).filter { $0.isIdle(longerThan: Self.sweepInterval) }
            for connection in ready where connection.isIdle(longerThan: timeout) { connection.close() }
            for connection in spare where connection.isListed { connection.close() }
            if !ready.isEmpty { scheduleSweep() }
        }
    }

    // MARK: new connections

    private func dial(for source: String) {
        // As Envoy: an endpoint without any connection gets one, or its requests would wait for others' connections.
        let isFirst = open == 0
        guard cluster.admit(.connection) else {
            if isFirst { begin(source, isCounted: false) }
            return
        }
        begin(source, isCounted: true)
    }

    private func begin(_ source: String, isCounted: Bool) {
        open += 1
        dialing += 1
        let dial = EndpointDial(
            cluster: cluster, endpoint: endpoint, source: source, host: cluster.cluster.service.hostname,
            protocols: [version == .http2 ? "h2" : "http/1.1"])
        dial.begin { [self] result in
            switch result {
            case .success(let channel): connected(channel, isCounted: isCounted)
            case .failure(let failure):
                dialing -= 1
                failed(failure.message, isCounted: isCounted)
            }
        }
    }

    /// A connection did not come about: those who waited for it hear why.
    private func failed(_ reason: String, isCounted: Bool) {
        gone(isCounted)
        // One of HTTP/1.1 was for one request, one of HTTP/2 for all of them.
        for _ in 0..<(version == .http1 ? min(waiting.count, 1) : waiting.count) {
            guard !waiting.isEmpty else { break }
            cluster.release(.pendingRequest)
            waiting.removeFirst().end(.failure(.unreachable(reason)))
        }
        dialForWaiting()
    }

    private func connected(_ channel: ByteChannel, isCounted: Bool) {
        let limits = cluster.policy.limits
        switch version {
        case .http1:
            let connection = HTTP1Upstream(
                channel, worker: worker, exchanges: limits.requestsPerConnection, epoch: epoch)
            connections[ObjectIdentifier(connection)] = connection
            connection.onClosed = { [self, unowned connection] _ in closed(connection, isCounted) }
            dialing -= 1
            serve(connection)
        case .http2:
            let connection = HTTP2Upstream(channel, worker: worker, limits: limits, epoch: epoch)
            connections[ObjectIdentifier(connection)] = connection
            connection.onClosed = { [self, unowned connection] reason in
                guard !connection.isReady else { return closed(connection, isCounted) }
                connections[ObjectIdentifier(connection)] = nil
                dialing -= 1
                failed("no HTTP/2 with the endpoint: \(reason)", isCounted: isCounted)
            }
            connection.begin { [self, unowned connection] in
                dialing -= 1
                serve(connection)
            }
        }
    }

    /// A connection that has become usable.
    private func serve(_ connection: UpstreamConnection) {
        guard !isRetired || !waiting.isEmpty else { return connection.close() }
        connection.isListed = true
        ready.append(connection)
        scheduleSweep()
        serve()
    }

    private func closed(_ connection: UpstreamConnection, _ isCounted: Bool) {
        connections[ObjectIdentifier(connection)] = nil
        if connection.isListed { ready.removeAll { $0 === connection } }
        connection.isListed = false
        gone(isCounted)
        dialForWaiting()
    }

    /// Those who wait behind a connection that did not come about, or is gone, need another one.
    private func dialForWaiting() {
        switch version {
        case .http1: if dialing < waiting.count { dial(for: "") }
        case .http2: if !waiting.isEmpty, dialing == 0, ready.isEmpty { dial(for: "") }
        }
    }

    private func gone(_ isCounted: Bool) {
        open -= 1
        if isCounted { cluster.release(.connection) }
    }

    private func serve() {
        while !waiting.isEmpty, let connection = takeReady() {
            let ticket = waiting.removeFirst()
            cluster.release(.pendingRequest)
            guard cluster.admit(.request) else {
                keep(connection)
                ticket.end(.failure(.overflow))
                continue
            }
            hand(connection, to: ticket)
        }
        // One connection of HTTP/2 does not take them all.
        if version == .http2 { dialForWaiting() }
    }
}
