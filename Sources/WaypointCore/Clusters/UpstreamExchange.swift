import HTTPWire

/// One request's use of a connection to an endpoint, in whatever version of HTTP. Confined to its loop.
protocol UpstreamExchange: AnyObject {
    /// What it runs on.
    var connection: UpstreamConnection { get }
    /// Whose request it is. The two hold each other until `end`, which every user calls.
    var user: (any UpstreamUser)? { get set }
    /// False before the head is out, and for a tunnel that has not been accepted.
    var canSendContent: Bool { get }
    /// Bytes that have not left.
    var queuedBytes: Int { get }
    /// Sends the request's head.
    func send(head: HTTPFieldBlock, endStream: Bool) throws(UpstreamWriteError)
    /// Sends content; throws where it is longer than the head said.
    func send(_ bytes: UnsafeRawBufferPointer, endStream: Bool) throws(UpstreamWriteError)
    /// Ends the request with trailers; those that cannot be written are left out, as the message must still end.
    func send(trailers: HTTPFieldBlock) throws(UpstreamWriteError)
    /// `count` bytes that the user held back have been passed on.
    func credit(_ count: Int)
    /// The use is over; `isComplete` says that request and response are.
    func end(isComplete: Bool)
}

extension UpstreamExchange {
    /// Sends all that has come of a request's content.
    func send(_ content: RequestContent) throws(UpstreamWriteError) {
        let isEnd = content.hasEnded && content.trailers == nil
        var failure: UpstreamWriteError?
        if isEnd || !content.bytes.isEmpty {
            content.bytes.withUnsafeBytes { bytes in
                do throws(UpstreamWriteError) {
                    try send(bytes, endStream: isEnd)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
        if let trailers = content.trailers { try send(trailers: trailers) }
    }
}
