import HTTPWire
import MeshRuntime
import TestModels

/// A client that makes requests one after the other by HTTP/1.1, or all at once by HTTP/2, and reads when it likes.
final class ModelClient {
    let client: TestClient
    private let loop: EventLoop
    private var random: ModelRandom
    private var http1: HTTP1Connection
    private var http2: HTTP2Connection
    private let isHTTP2: Bool
    private var plans: [ModelPlan]
    /// By stream; by place with HTTP/1.1.
    private(set) var responses: [UInt32: ModelResponse] = [:]
    private var unsent: [UInt32: Int] = [:]
    private var last: UInt32 = 0
    private let count: Int
    private static let block = [UInt8](repeating: 5, count: 16_384)

    init(_ client: TestClient, _ plans: [ModelPlan], isHTTP2: Bool, seed: UInt64) {
        self.client = client
        self.plans = plans
        self.isHTTP2 = isHTTP2
        count = plans.count
        loop = client.loop
        random = ModelRandom(seed: seed)
        http1 = HTTP1Connection(role: .client, now: loop.now)
        var configuration = HTTP2Configuration()
        configuration.initialStreamWindow = [65_535, 1 << 18].randomElement(using: &random) ?? 0
        configuration.connectionWindow = [65_535, 1 << 18].randomElement(using: &random) ?? 0
        configuration.keepAlivePing = nil
        http2 = HTTP2Connection(role: .client, configuration: configuration, now: loop.now)
        client.onBytes = { [unowned self] in received($0) }
    }

    var isOver: Bool { responses.count == count && responses.values.allSatisfy(\.isOver) }

    func begin() {
        next()
        stall()
    }

    /// The connection has ended, and with it what is under way; what was not asked yet is asked by nobody.
    func ended() {
        var events: [HTTP1Event] = []
        if !isHTTP2 { http1.peerClosed(now: loop.now, events: &events) }
        take(events)
        for id in responses.keys { responses[id]?.broke() }
    }

    private func stall() {
        client.isReading.toggle()
        loop.schedule(after: client.isReading ? random.pause() * 3 : random.pause()) { [weak self] in self?.stall() }
    }

    private func next() {
        guard let plan = plans.first else { return }
        plans.removeFirst()
        if isHTTP2 {
            guard let id = http2.openStream(plan.head, endStream: false) else { return }
            last = id.rawValue
        } else {
            last += 1
            try? http1.sendHeaders(plan.head, endStream: false)
        }
        responses[last] = ModelResponse(plan)
        unsent[last] = plan.request
        push(last)
        if isHTTP2 { loop.schedule(after: random.pause()) { [weak self] in self?.next() } }
    }

    /// Sends a piece of a request's content.
    private func push(_ id: UInt32) {
        guard let left = unsent[id] else { return flush() }
        var granted = min(left, Self.block.count)
        if isHTTP2, left > 0 {
            granted = http2.reserveData(HTTP2StreamID(id), upTo: granted)
            guard granted > 0 else { return flush() }
        }
        flush()
        let isLast = granted == left
        unsent[id] = isLast ? nil : left - granted
        var bytes: [UInt8] = []
        if isHTTP2 {
            bytes = [UInt8](repeating: 0, count: HTTP2Connection.dataFrameHeaderLength)
            bytes.withUnsafeMutableBytes { header in
                guard let base = header.baseAddress else { return }
                HTTP2Connection.writeDataFrameHeader(
                    length: granted, endStream: isLast, stream: HTTP2StreamID(id), into: base)
            }
            http2.didSendData(HTTP2StreamID(id), byteCount: granted, endStream: isLast)
        } else {
            // With a content-length there is nothing around the content.
            guard (try? http1.frameData(byteCount: granted, endStream: isLast))?.payloadCount == granted else { return }
        }
        client.send(bytes + Self.block.prefix(granted))
        if !isLast { loop.schedule(after: random.pause() / 4) { [weak self] in self?.push(id) } }
    }

    private func flush() {
        http1.drainOutput { client.send(Array($0)) }
        if isHTTP2 { http2.drainOutput { client.send(Array($0)) } }
    }

    private func received(_ bytes: [UInt8]) {
        guard isHTTP2 else {
            var events: [HTTP1Event] = []
            bytes.withUnsafeBytes { _ = http1.receive($0, now: loop.now, events: &events) }
            return take(events)
        }
        var events: [HTTP2Event] = []
        bytes.withUnsafeBytes { http2.receive($0, now: loop.now, events: &events) }
        for event in events {
            switch event {
            case .headers(let id, let head, let endStream):
                responses[id.rawValue]?.responded(head, endStream: endStream)
            case .data(let id, let range, let endStream):
                responses[id.rawValue]?.received(range.count, endStream: endStream)
                loop.schedule(after: random.pause()) { [weak self] in
                    self?.http2.credit(id, byteCount: range.count)
                    self?.flush()
                }
            case .reset(let id, _, _):
                unsent[id.rawValue] = nil
                responses[id.rawValue]?.broke()
            case .writable(let id): push(id.rawValue)
            case .failed: for id in responses.keys { responses[id]?.broke() }
            case .trailers, .settings, .goAway, .pong: break
            }
        }
        flush()
    }

    private func take(_ events: [HTTP1Event]) {
        for event in events {
            switch event {
            case .headers(let head, let endStream): responses[last]?.responded(head, endStream: endStream)
            case .data(let range, let endStream): responses[last]?.received(range.count, endStream: endStream)
            case .trailers: break
            case .failed: responses[last]?.broke()
            }
        }
        if responses[last]?.isComplete == true, unsent[last] == nil { next() }
    }

    /// HTTP/1.1: those that were never asked, as the connection ended before.
    var unasked: Int { plans.count }

    var summary: String { "\(responses.sorted { $0.key < $1.key }.map { "\($0.value)" }), to be sent \(unsent)" }
}
