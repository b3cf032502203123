/// A place in the queue for a connection to one endpoint. Confined to its loop.
final class ConnectionTicket {
    /// Why there is no connection.
    enum Failure: Error {
        /// A limit of the cluster is reached.
        case overflow
        /// The endpoint cannot be reached, for this reason.
        case unreachable(String)
    }

    typealias Completion = (Result<any UpstreamExchange, Failure>) -> Void

    private var completion: Completion?
    /// Nil once the place is given up or taken.
    private var pool: EndpointPool?

    init(_ pool: EndpointPool, _ completion: @escaping Completion) {
        self.pool = pool
        self.completion = completion
    }

    /// Gives the place up; the completion is not called.
    func cancel() {
        guard completion != nil else { return }
        completion = nil
        pool?.forget(self)
        pool = nil
    }

    func end(_ result: Result<any UpstreamExchange, Failure>) {
        let body = completion
        completion = nil
        pool = nil
        body?(result)
    }
}
