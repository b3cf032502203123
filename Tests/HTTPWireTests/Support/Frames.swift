/// Frames as a peer that is not ours would write them; lengths and flags can be made wrong on purpose.
enum Frames {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    static func frame(_ type: UInt8, flags: UInt8 = 0, _ id: UInt32, _ payload: [UInt8]) -> [UInt8] {
        let n = payload.count
        return [UInt8(n >> 16 & 0xff), UInt8(n >> 8 & 0xff), UInt8(n & 0xff), type, flags] + big32(id) + payload
    }

    static func big32(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xff), UInt8(value >> 8 & 0xff), UInt8(value & 0xff)]
    }

    static func data(_ id: UInt32, _ text: String, end: Bool = false, pad: Int? = nil) -> [UInt8] {
        data(id, bytes: Array(text.utf8), end: end, pad: pad)
    }

    static func data(_ id: UInt32, bytes: [UInt8], end: Bool = false, pad: Int? = nil) -> [UInt8] {
        guard let pad else { return frame(0, flags: end ? 1 : 0, id, bytes) }
        return frame(
            0, flags: (end ? 1 : 0) | 8, id, [UInt8(pad)] + bytes + [UInt8](repeating: 0, count: pad))
    }

    /// `name: value` pairs as literals without indexing and without Huffman coding.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields { bytes += [0] + string(name) + string(value) }
        return bytes
    }

    static func string(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        if bytes.count < 127 { return [UInt8(bytes.count)] + bytes }
        var length: [UInt8] = [127]
        var rest = bytes.count - 127
        while rest >= 128 {
            length.append(UInt8(rest & 0x7f | 0x80))
            rest >>= 7
        }
        return length + [UInt8(rest)] + bytes
    }

    static func headers(
        _ id: UInt32, _ fields: [(String, String)], end: Bool = false, endHeaders: Bool = true, pad: Int? = nil,
        priority: [UInt8]? = nil
    ) -> [UInt8] {
        headers(id, block: block(fields), end: end, endHeaders: endHeaders, pad: pad, priority: priority)
    }

    static func headers(
        _ id: UInt32, block: [UInt8], end: Bool = false, endHeaders: Bool = true, pad: Int? = nil,
        priority: [UInt8]? = nil
    ) -> [UInt8] {
        var flags: UInt8 = (end ? 1 : 0) | (endHeaders ? 4 : 0)
        var payload: [UInt8] = []
        if let pad {
            flags |= 8
            payload.append(UInt8(pad))
        }
        if let priority {
            flags |= 0x20
            payload += priority
        }
        payload += block
        if let pad { payload += [UInt8](repeating: 0, count: pad) }
        return frame(1, flags: flags, id, payload)
    }

    static func continuation(_ id: UInt32, _ block: [UInt8], end: Bool) -> [UInt8] {
        frame(9, flags: end ? 4 : 0, id, block)
    }

    static func settings(_ parameters: [(UInt16, UInt32)] = []) -> [UInt8] {
        frame(4, 0, parameters.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xff)] + big32($0.1) })
    }

    static let settingsAck = frame(4, flags: 1, 0, [])

    static func ping(_ byte: UInt8 = 7, ack: Bool = false) -> [UInt8] {
        frame(6, flags: ack ? 1 : 0, 0, [UInt8](repeating: byte, count: 8))
    }

    static func rst(_ id: UInt32, _ code: UInt32 = 8) -> [UInt8] { frame(3, id, big32(code)) }

    static func windowUpdate(_ id: UInt32, _ increment: UInt32) -> [UInt8] { frame(8, id, big32(increment)) }

    static func goAway(_ last: UInt32, _ code: UInt32 = 0, debug: String = "") -> [UInt8] {
        frame(7, 0, big32(last) + big32(code) + Array(debug.utf8))
    }

    static let get: [(String, String)] = [
        (":method", "GET"), (":scheme", "https"), (":authority", "a.example"), (":path", "/"),
    ]
    static let post: [(String, String)] = [
        (":method", "POST"), (":scheme", "https"), (":authority", "a.example"), (":path", "/"),
    ]
    static let connect: [(String, String)] = [(":method", "CONNECT"), (":authority", "10.0.0.1:80")]
    static let ok: [(String, String)] = [(":status", "200")]
}
