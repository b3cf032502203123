import HTTPWire

/// Whoever has a request on a connection to an endpoint.
protocol UpstreamUser: AnyObject {
    /// What has come, in the order of the wire, with the bytes that ranges refer to. Each byte is to be credited once.
    func upstreamReceived(_ events: [HTTP1Event], _ bytes: UnsafeRawBufferPointer)
    /// What was sent has left.
    func upstreamHasRoom()
    /// The connection broke; it is closed already.
    func upstreamLost(_ reason: String)
}
