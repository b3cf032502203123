import HTTPWire
import MeshRuntime
import NodeCore

/// One HTTP/1.1 connection to an endpoint, which carries one request at a time and then waits for the next. Confined to its loop.
final class HTTPUpstream {
    /// Whose it is.
    let choice: EndpointChoice
    let channel: ByteChannel
    var http: HTTP1Connection
    /// Whether it has carried a request before.
    private(set) var isReused = false
    /// What `receive` found, in the order of the wire, with the bytes that ranges refer to.
    var onEvents: (([HTTP1Event], UnsafeRawBufferPointer) -> Void)?
    /// It broke; the request on it is lost.
    var onLost: ((String) -> Void)?
    var onRoom: (() -> Void)?
    private let loop: EventLoop

    init(_ channel: ByteChannel, _ choice: EndpointChoice, loop: EventLoop, now: MonotonicTime) {
        self.channel = channel
        self.choice = choice
        self.loop = loop
        var configuration = HTTP1Configuration()
        configuration.webSocketSeed = now.nanoseconds
        http = HTTP1Connection(role: .client, configuration: configuration, now: now)
        channel.onBytes = { [weak self] bytes in self?.receive(bytes) }
        channel.onRoom = { [weak self] in self?.onRoom?() }
        channel.onEnd = { [weak self] in self?.peerEnded() }
        channel.onLost = { [weak self] reason in self?.lost(reason) }
        channel.start()
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        var events: [HTTP1Event] = []
        _ = http.receive(bytes, now: loop.now, events: &events)
        guard let onEvents else {
            // Nobody asked for anything: what it says is not an answer to a later request.
            return lost("the endpoint sent bytes without being asked")
        }
        onEvents(events, bytes)
    }

    private func peerEnded() {
        var events: [HTTP1Event] = []
        http.peerClosed(now: loop.now, events: &events)
        if events.isEmpty { return lost("the endpoint closed the connection") }
        onEvents?(events, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    private func lost(_ reason: String) {
        let body = onLost
        close()
        body?(reason)
    }

    /// Sends what the connection has to say.
    func flush() {
        http.drainOutput { channel.send($0) }
    }

    /// The request is over: true if the connection can carry another.
    func rest() -> Bool {
        onEvents = nil
        onRoom = nil
        onLost = nil
        guard http.isIdle, !http.isClosing, channel.isOpen, channel.queuedBytes == 0 else {
            close()
            return false
        }
        isReused = true
        return true
    }

    func close() {
        onEvents = nil
        onRoom = nil
        onLost = nil
        channel.close(reset: true)
    }
}
