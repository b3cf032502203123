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

        /// Envoy's words for how a stream came to its end.
        var reset: String {
            switch (outcome, flag) {
            case (.overflow, _): "overflow"
            case (.connectFailure, _): "remote connection failure"
            case (.refused, _): "remote refused stream reset"
            case (_, .upstreamProtocolError): "protocol error"
            case (_, .upstreamReset): "remote reset"
            case (_, .localReset): "local reset"
            default: "connection termination"
            }
        }

        /// When it came, beside the beginning of the response.
        enum Moment {
            case before
            case after
        }

        /// Envoy's response code details of such an end.
        func details(_ moment: Moment) -> String {
            "upstream_reset_\(moment)_response_started{\(reset.split(separator: " ").joined(separator: "_"))}"
        }
    }

    let endpoint: ClusterEndpoint
    private let flow: RequestFlow
    private let pool: EndpointPool
    private let use: Upstream.Use
    private let isRetry: Bool
    private var ticket: ConnectionTicket?
    private(set) var exchange: (any UpstreamExchange)?
    private(set) var isOver = false

    /// The request counts as under way at the pool's endpoint already.
    init(_ flow: RequestFlow, _ pool: EndpointPool, _ use: Upstream.Use, isRetry: Bool) {
        self.flow = flow
        self.pool = pool
        self.use = use
        self.isRetry = isRetry
        endpoint = pool.endpoint
    }

    private var cluster: WorkerCluster { pool.cluster }

    /// Asks for a connection, and tells the request of it, perhaps in this call.
    func begin() {
        do throws(ConnectionTicket.Failure) {
            if let exchange = try pool.take() { return use(exchange) }
        } catch {
            return refused(error)
        }
        let asked = pool.wait(for: flow.client.address) { [self] result in
            ticket = nil
            switch result {
            case .success(let exchange): use(exchange)
            case .failure(let failure): refused(failure)
            }
            // Nothing else ends this step.
            flow.turn()
        }
        if exchange == nil, !isOver { ticket = asked }
    }

    private func use(_ exchange: any UpstreamExchange) {
        self.exchange = exchange
        exchange.user = self
        flow.connected(self, exchange)
    }

    private func refused(_ failure: ConnectionTicket.Failure) {
        switch failure {
        case .overflow:
            fail(
                Failure(outcome: .overflow, flag: .upstreamOverflow, reason: "a limit of \(cluster.name) is reached"))
        case .unreachable(let reason):
            fail(Failure(outcome: .connectFailure, flag: .upstreamFailure, reason: reason))
        }
    }

    /// Ends the use of endpoint and connection; with `isComplete` request and response are.
    func finish(isComplete: Bool = false) {
        guard !isOver else { return }
        isOver = true
        ticket?.cancel()
        ticket = nil
        cluster.ended(use, at: endpoint)
        if isRetry { cluster.release(.retry) }
        guard let exchange else { return }
        self.exchange = nil
        pool.release(exchange, isComplete: isComplete)
    }

    private func fail(_ failure: Failure) {
        guard !isOver else { return }
        finish()
        flow.failed(self, failure)
    }

    // MARK: from the endpoint

    func upstreamResponded(_ head: consuming HTTPFieldBlock, endStream: Bool) {
        flow.responded(self, head, endStream: endStream)
    }

    func upstreamReceived(_ bytes: UnsafeRawBufferPointer, endStream: Bool) -> Bool {
        flow.received(self, bytes, endStream: endStream)
    }

    func upstreamReceived(trailers: HTTPFieldBlock) { flow.received(self, trailers: trailers) }

    func upstreamHasRoom() { flow.upstreamHasRoom() }

    func upstreamTurned() { flow.turn() }

    func upstreamBroke(_ failure: UpstreamFailure) {
        guard !isOver else { return }
        switch failure {
        case .unseen(let reason):
            finish()
            let failure = Failure(outcome: .reset(hasBegun: true), flag: .upstreamClosed, reason: reason)
            flow.unseen(self, failure, isCertain: false)
        case .refused(let reason):
            finish()
            let failure = Failure(outcome: .refused, flag: .upstreamReset, reason: reason)
            flow.unseen(self, failure, isCertain: true)
        case .lost(let reason): fail(Failure(outcome: .reset(hasBegun: true), flag: .upstreamClosed, reason: reason))
        case .reset(let reason): fail(Failure(outcome: .reset(hasBegun: true), flag: .upstreamReset, reason: reason))
        case .protocolError(let reason):
            fail(Failure(outcome: .reset(hasBegun: true), flag: .upstreamProtocolError, reason: reason))
        }
    }
}
