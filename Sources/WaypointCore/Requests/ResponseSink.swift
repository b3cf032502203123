import HTTPWire

/// The client's side of one request, whatever version of HTTP it speaks.
protocol ResponseSink: AnyObject {
    /// Sends an interim or the final head; false where it cannot be written.
    func send(head: HTTPFieldBlock, endStream: Bool) -> Bool
    /// Sends content; false where it is not what the head said.
    func send(content: UnsafeRawBufferPointer, endStream: Bool) -> Bool
    /// Ends the response with trailers.
    func send(trailers: HTTPFieldBlock)
    /// Ends the response so that nobody takes what has come of it for the whole.
    func abort()
    /// Whether what was sent has not left yet.
    var hasBacklog: Bool { get }
    /// What the client has taken, as far as it can be known. A system call, for looks now and then.
    var progress: ClientProgress { get }
    /// `count` bytes of the request's content have been passed on.
    func credit(_ count: Int)
    /// The request is over: nothing of it comes any more.
    func ended(_ request: RequestFlow)
    /// A step of the request is done: what it left to do on the connection can be done now.
    func turn()
}
