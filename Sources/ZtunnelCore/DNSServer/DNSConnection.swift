import LinuxSystem
import MeshRuntime

/// One client of the mesh DNS over TCP: questions with a length before them, answered in the order in which answers come
/// (RFC 7766). Confined to the DNS loop.
final class DNSConnection {
    /// How long a connection may be silent (Z 1.2).
    static let idle: Duration = .seconds(5)
    /// Questions of one connection that are not answered; more wait in the kernel.
    static let pipelined = 32
    /// Bytes of answers that a client may leave unread; it is not listened to until it has taken them.
    static let unreadBytes = 64 << 10
    /// Receive calls in one turn, so that one client does not hold up the others.
    static let receivesPerTurn = 4

    private let loop: EventLoop
    private let onQuestion: (DNSConnection, [UInt8]) -> Void
    private let onClosed: (DNSConnection) -> Void
    private var watch: DescriptorWatch?
    private var timer: TimerID?
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var unanswered = 0
    private var isReading = false

    init(
        loop: EventLoop, _ socket: consuming Descriptor, onQuestion: @escaping (DNSConnection, [UInt8]) -> Void,
        onClosed: @escaping (DNSConnection) -> Void
    ) throws(Errno) {
        self.loop = loop
        self.onQuestion = onQuestion
        self.onClosed = onClosed
        watch = try DescriptorWatch(loop: loop, socket, [.readable, .writable, .peerClosed, .edgeTriggered]) {
            [weak self] _ in
            self?.flush()
            self?.read()
        }
        arm()
    }

    /// Sends the answer to one question, nil if there is none to send.
    func answer(_ message: [UInt8]?) {
        unanswered -= 1
        if let message, message.count <= 0xffff {
            output += [UInt8(message.count >> 8), UInt8(truncatingIfNeeded: message.count)] + message
        }
        arm()
        flush()
        read()
    }

    func close() {
        guard let watch else { return }
        self.watch = nil
        watch.close()
        if let timer { loop.cancel(timer) }
        onClosed(self)
    }

    private func read() {
        // A question that is answered at once comes back here from within `take`: the loop below goes on with it.
        guard !isReading else { return }
        isReading = true
        defer { isReading = false }
        var receives = 0
        while let raw = watch?.raw, unanswered < Self.pipelined, output.count < Self.unreadBytes {
            guard receives < Self.receivesPerTurn else {
                loop.schedule(after: .zero) { [weak self] in self?.read() }
                return
            }
            receives += 1
            do throws(Errno) {
                guard let bytes = try Transfer.receive(raw, upTo: 4096) else { return }
                guard !bytes.isEmpty else { return close() }
                input += bytes
                arm()
                take()
            } catch {
                return close()
            }
        }
    }

    private func take() {
        while watch != nil, input.count >= 2 {
            let length = Int(input[0]) << 8 | Int(input[1])
            // No question is that short: a client that sends such things is not listened to further.
            guard length >= DNSWire.headerLength else { return close() }
            guard input.count >= 2 + length else { return }
            let message = Array(input[2..<(2 + length)])
            input.removeFirst(2 + length)
            unanswered += 1
            onQuestion(self, message)
        }
    }

    private func flush() {
        while let raw = watch?.raw, !output.isEmpty {
            do throws(Errno) {
                guard case .bytes(let count) = try Transfer.send(raw, output) else { return }
                output.removeFirst(count)
            } catch {
                return close()
            }
        }
    }

    private func arm() {
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(after: Self.idle) { [weak self] in
            guard let self else { return }
            timer = nil
            if unanswered > 0 { arm() } else { close() }
        }
    }
}
