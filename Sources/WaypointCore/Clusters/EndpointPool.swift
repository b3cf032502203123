import HTTPWire
import MeshModel
import MeshPolicy
import MeshRuntime
import NodeCore

/// The HTTP connections of one worker to one endpoint of one cluster: each carries one request at a time and then waits for the next.
///
/// The cluster's limits are kept here as Envoy does (I 2.15): a request without a free connection is pending, a connection beyond the
/// limit is not made, and what is refused says so at once. Confined to its loop.
final class EndpointPool {
    /// Connections kept for later requests; more are closed.
    private static let idleLimit = 64
    /// How often connections are looked at that nobody uses, at most.
    private static let sweepInterval = Duration.seconds(15)

    let cluster: WorkerCluster
    var endpoint: ClusterEndpoint
    private var idle: [HTTPUpstream] = []
    private var waiting: [ConnectionTicket] = []
    /// Connections that there are or that are being made.
    private var open = 0
    private var isRetired = false
    /// Grows when connections that were made before are of no more use.
    private var epoch = 0
    /// Which addresses of the endpoint's name connections were made to.
    private var addresses: UInt64 = 0
    private var sweep: TimerID?

    init(_ cluster: WorkerCluster, _ endpoint: ClusterEndpoint) {
        self.cluster = cluster
        self.endpoint = endpoint
    }

    private var worker: WaypointWorker { cluster.worker }

    var isEmpty: Bool { open == 0 && waiting.isEmpty }

    /// A connection for one request, in this call where one is free. It counts as a request until `release`.
    func ask(for source: String, _ completion: @escaping ConnectionTicket.Completion) -> ConnectionTicket {
        let ticket = ConnectionTicket(self, completion)
        noticeAddresses()
        if let connection = takeIdle() {
            if cluster.admit(.request) {
                ticket.end(.success(connection))
            } else {
                keep(connection)
                ticket.end(.failure(.overflow))
            }
            return ticket
        }
        guard cluster.admit(.pendingRequest) else {
            ticket.end(.failure(.overflow))
            return ticket
        }
        waiting.append(ticket)
        dial(for: source)
        return ticket
    }

    /// Connections to addresses that the endpoint's name does not have any more carry no more requests.
    private func noticeAddresses() {
        guard endpoint.workload.addresses.isEmpty, !endpoint.workload.hostname.isEmpty else { return }
        let newest = worker.names.generation(of: endpoint.workload.hostname)
        if newest != addresses { renew() }
        addresses = newest
    }

    /// A ticket's owner wants nothing any more.
    func forget(_ ticket: ConnectionTicket) {
        let before = waiting.count
        waiting.removeAll { $0 === ticket }
        if waiting.count < before { cluster.release(.pendingRequest) }
    }

    /// The request on a connection is over; the connection is used again if it can be.
    func release(_ connection: HTTPUpstream, reusable: Bool) {
        cluster.release(.request)
        guard reusable, !isRetired, connection.epoch == epoch, connection.rest() else { return connection.close() }
        keep(connection)
        serve()
    }

    /// The cluster's limits have changed: connections that were made before carry no more requests.
    func renew() {
        epoch += 1
        closeIdle()
    }

    /// The endpoint is no more among the cluster's: nothing new is sent to it.
    func retire() {
        isRetired = true
        closeIdle()
    }

    private func closeIdle() {
        let old = idle
        idle = []
        for connection in old { connection.close() }
    }

    // MARK: idle connections

    /// The one that was used last, so that the others may be closed by their servers.
    private func takeIdle() -> HTTPUpstream? {
        while let connection = idle.popLast() {
            let limits = cluster.policy.limits
            if connection.channel.isOpen, !connection.isIdle(longerThan: limits.idleTimeout),
                !connection.isOlder(than: limits.connectionDuration)
            {
                return connection
            }
            connection.close()
        }
        return nil
    }

    private func keep(_ connection: HTTPUpstream) {
        guard idle.count < Self.idleLimit else { return connection.close() }
        idle.append(connection)
        scheduleSweep()
    }

    private func scheduleSweep() {
        guard sweep == nil, let limit = cluster.policy.limits.idleTimeout else { return }
        sweep = worker.loop.schedule(after: min(limit, Self.sweepInterval)) { [weak self] in
            guard let self else { return }
            sweep = nil
            let timeout = cluster.policy.limits.idleTimeout
            for connection in idle where connection.isIdle(longerThan: timeout) { connection.close() }
            if !idle.isEmpty { scheduleSweep() }
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
        let dial = EndpointDial(
            cluster: cluster, endpoint: endpoint, source: source, host: cluster.cluster.service.hostname,
            protocols: ["http/1.1"])
        dial.begin { [self] result in
            switch result {
            case .success(let channel): connected(channel, isCounted: isCounted)
            case .failure(let failure):
                gone(isCounted)
                guard !waiting.isEmpty else { return }
                cluster.release(.pendingRequest)
                waiting.removeFirst().end(.failure(.unreachable(failure.message)))
                dialForWaiting()
            }
        }
    }

    private func connected(_ channel: ByteChannel, isCounted: Bool) {
        let connection = HTTPUpstream(
            channel, worker: worker, exchanges: cluster.policy.limits.requestsPerConnection, epoch: epoch)
        connection.onClosed = { [self, unowned connection] in
            idle.removeAll { $0 === connection }
            gone(isCounted)
            dialForWaiting()
        }
        guard !isRetired || !waiting.isEmpty else { return connection.close() }
        keep(connection)
        serve()
    }

    /// Those who wait behind a connection that did not come about, or is gone, need another one.
    private func dialForWaiting() {
        if open < waiting.count { dial(for: "") }
    }

    private func gone(_ isCounted: Bool) {
        open -= 1
        if isCounted { cluster.release(.connection) }
    }

    private func serve() {
        while !waiting.isEmpty, let connection = takeIdle() {
            let ticket = waiting.removeFirst()
            cluster.release(.pendingRequest)
            guard cluster.admit(.request) else {
                keep(connection)
                ticket.end(.failure(.overflow))
                continue
            }
            ticket.end(.success(connection))
        }
    }
}
