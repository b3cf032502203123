import HTTPWire
import LinuxSystem
import MeshRuntime

/// The other end of a client's connection to an exchange: a plain socket that a test reads from when it wants to.
final class TestClient {
    let loop: EventLoop
    /// What the exchange speaks on.
    let channel: ByteChannel
    private let socket: Descriptor
    /// All that was read.
    private(set) var received: [UInt8] = []
    /// The exchange has ended its side.
    private(set) var hasEnded = false
    private var unsent: [UInt8] = []
    /// Whether it reads what comes.
    var isReading = true
    /// Gets what was read, at once.
    var onBytes: (([UInt8]) -> Void)?

    init(_ loop: EventLoop) throws {
        self.loop = loop
        let (near, far) = try Socket.pair()
        try Socket.setBufferSizes(near, send: 16_384, receive: 16_384)
        try Socket.setBufferSizes(far, send: 16_384, receive: 16_384)
        socket = Descriptor(taking: far)
        channel = .over(TCPConnection(loop: loop, socket: Descriptor(taking: near)))
        pump()
    }

    func send(_ bytes: [UInt8]) { unsent += bytes }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends no more.
    func end() { try? Socket.shutdownWriting(socket.raw) }

    private func pump() {
        if !unsent.isEmpty, case .bytes(let count)? = try? Transfer.send(socket.raw, unsent) {
            unsent.removeFirst(count)
        }
        while isReading, !hasEnded, let bytes = try? Transfer.receive(socket.raw, upTo: 65_536) {
            hasEnded = bytes.isEmpty
            received += bytes
            if !bytes.isEmpty { onBytes?(bytes) }
        }
        loop.schedule(after: .milliseconds(1)) { [weak self] in self?.pump() }
    }
}
