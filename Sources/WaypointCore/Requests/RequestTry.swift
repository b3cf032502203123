import HTTPWire
import MeshModel
import MeshPolicy
import MeshRuntime

/// One try of a request at one endpoint, from the wait for a connection to the end of its use. Confined to its loop.
final class RequestTry: UpstreamUser {
    /// Why a try came to nothing before a whole response was there.
    struct Failure {
        let outcome: TryOutcome
        let flag: ResponseFlags
        /// For the log.
        let reason: String
    }

    let endpoint: ClusterEndpoint
    private let flow: RequestFlow
    private let cluster: WorkerCluster
    private let pool: EndpointPool
    private let isRetry: Bool
    private var ticket: ConnectionTicket?
    private(set) var connection: HTTPUpstream?
    private(set) var isOver = false

    /// The request counts as under way at the pool's endpoint already.
    init(_ flow: RequestFlow, _ cluster: WorkerCluster, _ pool: EndpointPool, isRetry: Bool) {
        self.flow = flow
        self.cluster = cluster
        self.pool = pool
        self.isRetry = isRetry
        endpoint = pool.endpoint
    }

    /// Asks for a connection, and tells the request of it, perhaps in this call.
    func begin() {
        let asked = pool.ask(for: flow.client.address) { [self] result in
            ticket = nil
            switch result {
            case .success(let connection):
                self.connection = connection
                connection.user = self
                flow.connected(self, connection)
            case .failure(.overflow):
                fail(
                    Failure(
                        outcome: .overflow, flag: .upstreamOverflow, reason: "a limit of \(cluster.name) is reached"))
            case .failure(.unreachable(let reason)):
                fail(Failure(outcome: .connectFailure, flag: .upstreamFailure, reason: reason))
            }
        }
        if connection == nil, !isOver { ticket = asked }
    }

    /// Whether a server that was tired of an idle connection may have closed it before it saw the request.
    var mayBeUnseen: Bool { connection.map { $0.isReused && !$0.http.hasResponseBegun } ?? false }

    /// Ends the use of endpoint and connection; with `reusable` the exchange on it is complete.
    func finish(reusable: Bool = false) {
        guard !isOver else { return }
        isOver = true
        ticket?.cancel()
        ticket = nil
        cluster.ended(endpoint.id)
        if isRetry { cluster.release(.retry) }
        guard let connection else { return }
        self.connection = nil
        connection.user = nil
        pool.release(connection, reusable: reusable)
    }

    private func fail(_ failure: Failure) {
        guard !isOver else { return }
        finish()
        flow.failed(self, failure)
    }

    // MARK: from the endpoint

    func upstreamReceived(_ events: [HTTP1Event], _ bytes: UnsafeRawBufferPointer) {
        guard !isOver, let connection else { return }
        var owed = 0
        for event in events where !isOver {
            switch event {
            case .headers(let head, let endStream): flow.responded(self, head, endStream: endStream)
            case .data(let range, let endStream):
                let hasLeft = flow.received(
                    self, UnsafeRawBufferPointer(rebasing: bytes[range]), endStream: endStream)
                if !hasLeft { owed += range.count }
            case .trailers(let fields): flow.received(self, trailers: fields)
            case .failed(let error):
                fail(
                    Failure(
                        outcome: .reset(hasBegun: true), flag: .upstreamProtocolError,
                        reason: "the endpoint sent what is no HTTP/1.1: \(error)"))
            }
        }
        let passed = bytes.count - owed
        if passed > 0, connection.channel.isOpen { connection.channel.credit(passed) }
        flow.turn()
    }

    func upstreamHasRoom() { flow.upstreamHasRoom() }

    func upstreamLost(_ reason: String) {
        guard !isOver else { return }
        if mayBeUnseen {
            finish()
            return flow.unseen(self, reason)
        }
        fail(Failure(outcome: .reset(hasBegun: true), flag: .upstreamClosed, reason: reason))
        flow.turn()
    }
}
