import HTTPWire
import Testing

/// A client and a server joined by a link that delivers in random pieces: every byte arrives, in order, once.
@Suite struct PairTests {
    /// One end with an application: what it wants to send on each stream, what it has received.
    struct End: ~Copyable {
        var connection: HTTP2Connection
        var wire: [UInt8] = []
        var toSend: [UInt32: [UInt8]] = [:]
        var received: [UInt32: [UInt8]] = [:]
        var ended: Set<UInt32> = []
        var finished: Set<UInt32> = []
        var blocked: Set<UInt32> = []
        var uncredited: [UInt32: Int] = [:]
        var failure: String?
        var headers: [UInt32: HTTPFieldBlock] = [:]

        init(_ role: HTTP2Role, _ configuration: HTTP2Configuration, _ memory: HeldMemory?) {
            connection = HTTP2Connection(
                role: role, configuration: configuration, now: .init(nanoseconds: 1), memory: memory)
        }

        mutating func flushControl() {
            var bytes: [UInt8] = []
            connection.drainOutput { bytes += Array($0) }
            wire += bytes
        }

        /// Frames up to `most` bytes of one stream, as a caller of the core does.
        mutating func send(_ id: UInt32, most: Int) {
            guard !blocked.contains(id), !finished.contains(id), let pending = toSend[id] else { return }
            var count = 0
            if !pending.isEmpty {
                count = connection.reserveData(HTTP2StreamID(id), upTo: min(most, pending.count))
                if count == 0 {
                    blocked.insert(id)
                    return
                }
            }
            let end = count == pending.count
            flushControl()
            var offset = 0
            repeat {
                let length = min(count - offset, connection.peerMaxFrameSize)
                var header = [UInt8](repeating: 0, count: 9)
                header.withUnsafeMutableBytes { buffer in
                    guard let base = buffer.baseAddress else { return }
                    HTTP2Connection.writeDataFrameHeader(
                        length: length, endStream: end && offset + length == count, stream: HTTP2StreamID(id),
                        into: base)
                }
                wire += header + pending[offset..<(offset + length)]
                offset += length
            } while offset < count
            connection.didSendData(HTTP2StreamID(id), byteCount: count, endStream: end)
            toSend[id] = Array(pending.dropFirst(count))
            if end { finished.insert(id) }
        }

        mutating func receive(_ bytes: [UInt8], echo: Bool) {
            var events: [HTTP2Event] = []
            bytes.withUnsafeBytes { connection.receive($0, now: .init(nanoseconds: 2), events: &events) }
            for event in events {
                switch event {
                case .headers(let id, let fields, let end):
                    headers[id.rawValue] = fields
                    if end { ended.insert(id.rawValue) }
                    if echo {
                        connection.sendHeaders(id, .response(status: 200), endStream: false)
                        toSend[id.rawValue] = []
                    }
                case .data(let id, let range, let end):
                    received[id.rawValue, default: []] += bytes[range]
                    uncredited[id.rawValue, default: 0] += range.count
                    if end { ended.insert(id.rawValue) }
                case .writable(let id): blocked.remove(id.rawValue)
                case .failed(_, let text): failure = text
                case .reset(let id, let code, _): failure = "\(id) reset: \(code)"
                default: break
                }
            }
        }
    }

    @Test("random interleaving, small windows, with and without an account", arguments: 0..<60 as Range<UInt64>)
    func interleaved(seed: UInt64) {
        var random = SplitMix64(state: seed)
        var configuration = HTTP2Configuration()
        configuration.initialStreamWindow = [1, 7, 100, 20_000, 1 << 20].randomElement(using: &random) ?? 100
        configuration.connectionWindow = [65_535, 70_000, 1 << 20].randomElement(using: &random) ?? 65_535
        configuration.limits.windowUpdates = HTTP2Rate(1_000_000)
        let largest = configuration.initialStreamWindow < 100 ? 200 : 60_000
        let memory = [nil, 1, 300_000, 1 << 24].randomElement(using: &random)?.map { HeldMemory(limit: $0) }
        var client = End(.client, configuration, memory)
        var server = End(.server, configuration, memory)
        var sent: [UInt32: [UInt8]] = [:]
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            var fields = HTTPFieldBlock.connect(authority: "10.0.0.\(sent.count):80")
            fields.append(name: "traceparent", value: String(random.next()))
            guard let id = client.connection.openStream(fields, endStream: false) else { continue }
            let payload = (0..<Int.random(in: 0...largest, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            sent[id.rawValue] = payload
            client.toSend[id.rawValue] = payload
        }
        let order = sent.keys.sorted()
        var turns = 0
        // The server sends back what it has received; it ends when the client has ended and all is echoed.
        var echoed: [UInt32: Int] = [:]
        while turns < 200_000 {
            turns += 1
            guard client.failure == nil, server.failure == nil else { break }
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                client.flushControl()
                let count = Int.random(in: 0...min(client.wire.count, 30_000), using: &random)
                let piece = Array(client.wire.prefix(count))
                client.wire.removeFirst(count)
                server.receive(piece, echo: true)
            case 1:
                server.flushControl()
                let count = Int.random(in: 0...min(server.wire.count, 30_000), using: &random)
                let piece = Array(server.wire.prefix(count))
                server.wire.removeFirst(count)
                client.receive(piece, echo: false)
            case 2:
                if let id = order.randomElement(using: &random) { client.send(id, most: 50_000) }
            case 3:
                guard let id = order.randomElement(using: &random), server.headers[id] != nil else { continue }
                let all = server.received[id] ?? []
                let from = echoed[id] ?? 0
                let isComplete = server.ended.contains(id)
                guard all.count > from || isComplete, !server.finished.contains(id) else { continue }
                server.toSend[id] = Array(all[from...])
                let before = server.toSend[id]?.count ?? 0
                if isComplete {
                    server.send(id, most: 50_000)
                } else {
                    // Keep the last byte back, so that the stream is not ended early.
                    guard before > 1 else { continue }
                    server.send(id, most: before - 1)
                }
                echoed[id] = from + before - (server.toSend[id]?.count ?? 0)
            case 4:
                for (id, count) in client.uncredited where count > 0 {
                    client.connection.credit(HTTP2StreamID(id), byteCount: count)
                    client.uncredited[id] = 0
                }
            default:
                for (id, count) in server.uncredited where count > 0 {
                    server.connection.credit(HTTP2StreamID(id), byteCount: count)
                    server.uncredited[id] = 0
                }
            }
            if client.ended.count == sent.count, client.wire.isEmpty, client.finished.count == sent.count { break }
        }
        #expect(client.failure == nil)
        #expect(server.failure == nil)
        for (id, payload) in sent {
            #expect(server.received[id] ?? [] == payload, "seed \(seed), stream \(id), to the server")
            #expect(client.received[id] ?? [] == payload, "seed \(seed), stream \(id), back")
            #expect(server.headers[id]?.authority?.hasPrefix("10.0.0.") == true)
        }
        #expect(client.connection.openStreamCount == 0, "seed \(seed) after \(turns) turns")
        #expect(server.connection.openStreamCount == 0, "seed \(seed)")
        for (id, count) in client.uncredited { client.connection.credit(HTTP2StreamID(id), byteCount: count) }
        for (id, count) in server.uncredited { server.connection.credit(HTTP2StreamID(id), byteCount: count) }
        #expect(memory?.granted ?? 0 == 0 && memory?.held ?? 0 == 0, "seed \(seed): the account has everything back")
    }
}
