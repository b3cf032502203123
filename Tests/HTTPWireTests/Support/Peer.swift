import HTTPWire

/// One connection under test, driven by bytes; what it reports and writes is kept as lines of text.
struct Peer: ~Copyable {
    var connection: HTTP2Connection
    var time = MonotonicTime(nanoseconds: 1_000_000_000)
    private var lines: [String] = []
    private var events: [HTTP2Event] = []
    private(set) var rawOutput: [UInt8] = []
    /// The text of `.failed`.
    private(set) var failureText: String?

    init(
        _ role: HTTP2Role, _ configuration: HTTP2Configuration = HTTP2Configuration(), memory: HeldMemory? = nil
    ) {
        connection = HTTP2Connection(role: role, configuration: configuration, now: time, memory: memory)
    }

    /// A peer past the exchange of SETTINGS. A client has stream 1 (GET, ended), 3 (POST, open) and 5 (CONNECT).
    static func ready(
        _ role: HTTP2Role, _ configuration: HTTP2Configuration = HTTP2Configuration(),
        settings: [(UInt16, UInt32)] = [],
        memory: HeldMemory? = nil
    ) -> Peer {
        var peer = Peer(role, configuration, memory: memory)
        if role == .server { peer.feed(Frames.preface) }
        peer.feed(Frames.settings(settings))
        peer.feed(Frames.settingsAck)
        if role == .client {
            _ = peer.connection.openStream(
                .request(method: "GET", scheme: "https", authority: "a", path: "/"), endStream: true)
            _ = peer.connection.openStream(
                .request(method: "POST", scheme: "https", authority: "a", path: "/"), endStream: false)
            _ = peer.connection.openStream(.connect(authority: "10.0.0.1:80"), endStream: false)
        }
        _ = peer.takeLines()
        return peer
    }

    mutating func feed(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { connection.receive($0, now: time, events: &events) }
        note()
    }

    mutating func pass(_ duration: Duration) {
        time = time + duration
        connection.deadlineReached(now: time, events: &events)
        note()
    }

    /// Everything since the last call: events, then written frames with a leading `>`.
    mutating func takeLines() -> [String] {
        var written: [UInt8] = []
        connection.drainOutput { written += Array($0) }
        rawOutput += written
        let all = lines + Peer.describe(written)
        lines = []
        return all
    }

    private mutating func note() {
        for event in events { add(event) }
        events.removeAll(keepingCapacity: true)
    }

    private mutating func add(_ event: HTTP2Event) {
        switch event {
        case .headers(let id, let fields, let end):
            let what = fields.status.map(String.init) ?? fields.method ?? "?"
            lines.append("headers \(id.rawValue) \(what)" + (end ? " end" : ""))
        case .trailers(let id, let fields):
            lines.append(
                "trailers \(id.rawValue) " + fields.fields.map { "\($0.name)=\($0.value)" }.joined(separator: ","))
        case .data(let id, let range, let end):
            // Fragments of one frame or of several are the same to a relay.
            let prefix = "data \(id.rawValue) "
            var count = range.count
            if let last = lines.last, last.hasPrefix(prefix), !last.hasSuffix("end"),
                let before = Int(last.dropFirst(prefix.count))
            {
                count += before
                lines.removeLast()
            }
            lines.append(prefix + "\(count)" + (end ? " end" : ""))
        case .reset(let id, let code, let byPeer):
            lines.append("reset \(id.rawValue) \(code)" + (byPeer ? " by peer" : ""))
        case .writable(let id): lines.append("writable \(id.rawValue)")
        case .settings(let streams): lines.append("settings \(streams == .max ? "-" : String(streams))")
        case .goAway(let id, let code): lines.append("goaway \(id.rawValue) \(code)")
        case .pong(let opaque): lines.append("pong \(opaque)")
        case .failed(let code, let text):
            failureText = text
            lines.append("failed \(code)")
        }
    }

    static func describe(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        var offset = 0
        if bytes.starts(with: Frames.preface) {
            lines.append("> preface")
            offset = Frames.preface.count
        }
        while offset + 9 <= bytes.count {
            let length = Int(bytes[offset]) << 16 | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2])
            let flags = bytes[offset + 4]
            let payload = Array(bytes[(offset + 9)..<(offset + 9 + length)])
            let id = number(Array(bytes[(offset + 5)..<(offset + 9)]))
            switch bytes[offset + 3] {
            case 0: lines.append("> DATA \(id) \(length)" + (flags & 1 == 1 ? " end" : ""))
            case 1: lines.append("> HEADERS \(id)" + (flags & 1 == 1 ? " end" : ""))
            case 3: lines.append("> RST_STREAM \(id) \(HTTP2ErrorCode(number(payload)))")
            case 4: lines.append(flags & 1 == 1 ? "> SETTINGS ack" : "> SETTINGS")
            case 6: lines.append("> PING" + (flags & 1 == 1 ? " ack" : ""))
            case 7:
                let last = number(Array(payload[0..<4]))
                let code = HTTP2ErrorCode(number(Array(payload[4..<8])))
                lines.append("> GOAWAY \(last == 0x7fff_ffff ? "max" : String(last)) \(code)")
            case 8: lines.append("> WINDOW_UPDATE \(id) \(number(payload))")
            case 9: lines.append("> CONTINUATION \(id)")
            default: lines.append("> type \(bytes[offset + 3])")
            }
            offset += 9 + length
        }
        if offset != bytes.count { lines.append("> torn frame") }
        return lines
    }

    private static func number(_ bytes: [UInt8]) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}
