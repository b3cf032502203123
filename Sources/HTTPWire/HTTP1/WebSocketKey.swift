/// The handshake of WebSocket over HTTP/1.1 (RFC 6455 section 4), which HTTP/2 does without (RFC 8441 section 5). Pure.
enum WebSocketKey {
    /// What a server answers to `key`.
    static func accept(for key: [UInt8]) -> [UInt8] {
        base64(SHA1.digest(key + Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)))
    }

    /// A key of 16 bytes that no other seed gives.
    static func make(seed: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(mix(seed))
        bytes.appendBigEndian(mix(seed &+ 0x9e37_79b9_7f4a_7c15))
        return base64(bytes)
    }

    /// The output function of SplitMix64, so that the keys of one connection do not count visibly.
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// RFC 4648 section 4.
    static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let present = min(3, bytes.count - start)
            var group = 0
            for index in 0..<3 { group = group << 8 | (index < present ? Int(bytes[start + index]) : 0) }
            for index in 0..<4 {
                text.append(index <= present ? alphabet[group >> (18 - 6 * index) & 63] : 0x3d)
            }
        }
        return text
    }
}
