import HTTPWire
import MeshRuntime
import TestModels

@testable import WaypointCore

/// An application behind the waypoint that does what each request asks for, in pieces with pauses between them. It takes what comes
/// when it likes.
final class ModelApplication {
    private let channel: ByteChannel
    private let loop: EventLoop
    private var http: HTTP1Connection
    private var random: ModelRandom
    private var plan: ModelPlan?
    private var received = 0
    private var left = 0
    private var isSending = false
    private var isClosed = false
    private static let block = [UInt8](repeating: 7, count: 60_000)

    init(_ channel: ByteChannel, _ loop: EventLoop, seed: UInt64) {
        self.channel = channel
        self.loop = loop
        http = HTTP1Connection(role: .server, now: loop.now)
        random = ModelRandom(seed: seed)
        // Until the channel is closed.
        channel.onBytes = { [self] bytes in
            var events: [HTTP1Event] = []
            _ = http.receive(bytes, now: loop.now, events: &events)
            let count = bytes.count
            loop.schedule(after: random.pause()) { [self] in channel.credit(count) }
            for event in events { react(to: event) }
        }
        channel.onEnd = { [self] in
            isClosed = true
            channel.closeAfterOutput { _ in }
        }
        channel.onRoom = { [self] in
            guard isSending else { return }
            isSending = false
            send()
        }
        channel.onLost = { [self] _ in isClosed = true }
        channel.start()
    }

    private func react(to event: HTTP1Event) {
        switch event {
        case .headers(let head, let endStream):
            plan = ModelPlan(path: head.path ?? "")
            received = 0
            if endStream || plan?.isEarly == true { later { $0.respond() } }
        case .data(let range, let endStream):
            received += range.count
            if endStream, plan?.isEarly == false { later { $0.respond() } }
        case .trailers, .failed: break
        }
    }

    private func later(_ body: @escaping (ModelApplication) -> Void) {
        loop.schedule(after: random.pause()) { [self] in if !isClosed { body(self) } }
    }

    private func respond() {
        guard let plan else { return }
        var head = HTTPFieldBlock.response(status: 200)
        head.append(name: "x-got", value: String(received))
        left = plan.framing == .broken ? plan.response / 2 : plan.response
        switch plan.framing {
        case .length: head.append(name: "content-length", value: String(plan.response))
        case .broken: head.append(name: "content-length", value: String(plan.response + 1))
        case .chunked: break
        case .close:
            channel.send("HTTP/1.1 200 OK\r\nconnection: close\r\nx-got: \(received)\r\n\r\n")
            return send()
        }
        do throws(HTTP1WriteError) { try http.sendHeaders(head, endStream: false) } catch { return close() }
        http.drainOutput { channel.send($0) }
        send()
    }

    private func send() {
        guard !isClosed, let plan else { return }
        guard channel.queuedBytes == 0 else {
            isSending = true
            return
        }
        let count = min(left, max(random.size(upTo: Self.block.count), 1))
        left -= count
        let isLast = left == 0
        Self.block.withUnsafeBytes { block in
            let bytes = UnsafeRawBufferPointer(rebasing: block[..<count])
            if plan.framing == .close { return channel.send(bytes) }
            let endStream = isLast && plan.framing != .broken
            guard let framing = try? http.frameData(byteCount: count, endStream: endStream) else { return }
            HTTP1Framing.send(framing, bytes, to: channel)
        }
        guard isLast else { return later { $0.send() } }
        self.plan = nil
        if plan.framing == .close || plan.framing == .broken || http.isClosing { close() }
    }

    /// Says no more, and takes what comes until the other side has ended: a close would destroy what it has said.
    private func close() {
        guard !isClosed else { return }
        isClosed = true
        channel.finish()
    }
}

extension ByteChannel {
    func send(_ text: String) { Array(text.utf8).withUnsafeBytes { send($0) } }
}
