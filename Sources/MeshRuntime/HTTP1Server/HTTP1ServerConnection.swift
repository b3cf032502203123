import LinuxSystem

/// One client of an HTTP/1.1 server. Confined to the server's loop.
final class HTTP1ServerConnection {
    private let loop: EventLoop
    private let limits: HTTP1ServerLimits
    private let handler: HTTP1Server.Handler
    private let onClosed: (HTTP1ServerConnection) -> Void
    private var exchange: HTTP1Exchange
    private var watch: DescriptorWatch?
    private var timer: TimerID?
    private var isWriting = false
    private var isAdvancing = false

    /// Bytes that one receive call may bring.
    private static let receiveBytes = 16 << 10

    init(
        loop: EventLoop, _ socket: consuming Descriptor, limits: HTTP1ServerLimits,
        handler: @escaping HTTP1Server.Handler,
        onClosed: @escaping (HTTP1ServerConnection) -> Void
    ) throws(Errno) {
        self.loop = loop
        self.limits = limits
        self.handler = handler
        self.onClosed = onClosed
        exchange = HTTP1Exchange(limits: limits, now: loop.now)
        // Edge-triggered for both directions: one registration serves reading and the rare blocked write.
        watch = try DescriptorWatch(loop: loop, socket, [.readable, .writable, .peerClosed, .edgeTriggered]) {
            [weak self] _ in
            self?.ready()
        }
        arm(limits.idle)
    }

    func close() {
        guard let watch else { return }
        self.watch = nil
        watch.close()
        if let timer { loop.cancel(timer) }
        onClosed(self)
    }

    private func ready() {
        read()
        advance()
    }

    private func read() {
        // What arrives while an answer is being made or sent waits in the kernel: that bounds the memory of a client.
        while let raw = watch?.raw, !exchange.isClosing, !isWriting, !exchange.isBusy {
            do throws(Errno) {
                guard let bytes = try Transfer.receive(raw, upTo: Self.receiveBytes) else { return }
                guard !bytes.isEmpty else {
                    exchange.end(now: loop.now)
                    return
                }
                exchange.receive(bytes, now: loop.now)
                arm(limits.idle)
            } catch {
                return close()
            }
        }
    }

    /// Answers what has arrived, sends what is answered, and goes on reading.
    private func advance() {
        // A page that answers at once comes back here from within its handler: the loop below goes on with it.
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while watch != nil {
            flush()
            guard watch != nil, !isWriting else { return }
            if let request = exchange.next() {
                var hasAnswered = false
                handler(request) { [weak self] response in
                    guard let self, !hasAnswered else { return }
                    hasAnswered = true
                    exchange.answer(response, now: loop.now)
                    advance()
                }
                continue
            }
            if !exchange.output.isEmpty { continue }
            if exchange.isBusy { return }
            if exchange.isClosing {
                return close()
            }
            read()
            if !exchange.isBusy, exchange.output.isEmpty, !exchange.isClosing { return }
        }
    }

    private func flush() {
        let wasWriting = isWriting
        isWriting = false
        while let raw = watch?.raw, !exchange.output.isEmpty {
            do throws(Errno) {
                guard case .bytes(let count) = try Transfer.send(raw, exchange.output) else {
                    isWriting = true
                    if !wasWriting { arm(limits.write) }
                    return
                }
                exchange.output.removeFirst(count)
            } catch {
                return close()
            }
        }
        if wasWriting { arm(limits.idle) }
    }

    private func arm(_ wait: Duration) {
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(after: wait) { [weak self] in
            guard let self else { return }
            timer = nil
            // A page that takes long to make keeps its client; a client that is silent does not keep the page.
            if exchange.isBusy, !isWriting { arm(limits.idle) } else { close() }
        }
    }
}
