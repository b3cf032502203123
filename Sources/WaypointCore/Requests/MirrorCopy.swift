import HTTPWire
import MeshPolicy
import MeshRuntime

/// A copy of a request whose answer nobody waits for (I 2.10): it goes its own way, and whatever becomes of it changes nothing for the
/// client. Bounded in content and time. Confined to its loop; it lives as long as somebody calls it.
final class MirrorCopy: UpstreamUser {
    /// How long a copy may take, answer included.
    private static let longest = Duration.seconds(60)
    /// Copies under way at once, of one worker; more are not made.
    private static let limit = 1_024

    private let worker: WaypointWorker
    private let cluster: WorkerCluster
    private let pool: EndpointPool
    private let use: Upstream.Use
    private let head: HTTPFieldBlock
    private let source: String
    private var content: RequestContent
    private var ticket: ConnectionTicket?
    private var exchange: (any UpstreamExchange)?
    private var timer: TimerID?
    private var isOver = false

    /// `version` is the client's. Nil where the cluster has nobody, or too many copies are under way.
    init?(
        _ worker: WaypointWorker, _ cluster: WorkerCluster, _ head: HTTPFieldBlock, _ version: HTTPVersion,
        isNone: Bool, source: String
    ) {
        guard worker.mirrors < Self.limit,
            let (pool, use) = cluster.choose(EndpointRequest(), cluster.version(for: version))
        else { return nil }
        self.worker = worker
        self.cluster = cluster
        self.pool = pool
        self.use = use
        self.source = source
        content = RequestContent(isNone: isNone)
        var made = head
        if let authority = head.firstValue(of: FieldName.authority) {
            FieldEditing.set(":authority", to: MirrorRule.authority(authority), in: &made)
        }
        self.head = made
        worker.mirrors += 1
    }

    /// Sends what has come of the request.
    func begin(_ content: RequestContent) {
        timer = worker.loop.schedule(after: Self.longest) { [self] in
            timer = nil
            end()
        }
        self.content = content
        // Ordinary copies only: a tunnel cannot be answered by two.
        guard !head.isConnect else { return end() }
        do throws(ConnectionTicket.Failure) {
            if let exchange = try pool.take() { return connected(exchange) }
        } catch {
            return end()
        }
        let asked = pool.wait(for: source) { [self] result in
            ticket = nil
            guard case .success(let exchange) = result, !isOver else { return end() }
            connected(exchange)
        }
        if exchange == nil, !isOver { ticket = asked }
    }

    private func connected(_ exchange: any UpstreamExchange) {
        self.exchange = exchange
        exchange.user = self
        guard content.isWhole || content.count == 0 else { return end() }
        do throws(UpstreamWriteError) {
            try exchange.send(head: head, endStream: content.isNone)
            guard !content.isNone else { return }
            try exchange.send(content)
            content.forget()
        } catch {
            end()
        }
    }

    // MARK: from the client

    func send(_ bytes: UnsafeRawBufferPointer, endStream: Bool) {
        guard !isOver else { return }
        guard let exchange else { return content.append(bytes, endStream: endStream, isNeeded: false) }
        // The client is not held back for a copy: one that cannot keep up is given up.
        guard exchange.queuedBytes <= RequestContent.keepLimit else { return end() }
        do throws(UpstreamWriteError) {
            try exchange.send(bytes, endStream: endStream)
        } catch {
            end()
        }
    }

    func finish(_ trailers: HTTPFieldBlock) {
        guard !isOver else { return }
        guard let exchange else { return content.end(trailers: trailers) }
        do throws(UpstreamWriteError) {
            try exchange.send(trailers: trailers)
        } catch {
            end()
        }
    }

    /// The request is over; a copy that lacks some of it is of no use.
    func clientEnded(isComplete: Bool) {
        if !isComplete { end() }
    }

    // MARK: from the endpoint

    func upstreamResponded(_ head: HTTPFieldBlock, endStream: Bool) {
        if let status = head.status, status >= 200 {
            cluster.count(.response(status: status, grpcStatus: nil), at: pool.endpoint)
        }
        if endStream { end(isComplete: true) }
    }

    func upstreamReceived(_ bytes: UnsafeRawBufferPointer, endStream: Bool) -> Bool {
        if endStream { end(isComplete: true) }
        return true
    }

    func upstreamReceived(trailers: HTTPFieldBlock) { end(isComplete: true) }

    func upstreamBroke(_ failure: UpstreamFailure) { end() }

    func upstreamHasRoom() {}

    func upstreamTurned() {}

    private func end(isComplete: Bool = false) {
        guard !isOver else { return }
        isOver = true
        if let timer { worker.loop.cancel(timer) }
        timer = nil
        ticket?.cancel()
        ticket = nil
        worker.mirrors -= 1
        cluster.ended(use, at: pool.endpoint)
        guard let exchange else { return }
        self.exchange = nil
        pool.release(exchange, isComplete: isComplete)
    }
}
