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

/// SHA-1 (FIPS 180-4), for the WebSocket handshake alone, which needs no collision resistance.
enum SHA1 {
    /// The 20 bytes of the digest.
    static func digest(_ message: [UInt8]) -> [UInt8] {
        var padded = message
        padded.append(0x80)
        while padded.count % 64 != 56 { padded.append(0) }
        padded.appendBigEndian(UInt64(message.count) &* 8)
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        for block in stride(from: 0, to: padded.count, by: 64) {
            var words = (0..<16).map { padded.loadBigEndian32(at: block + $0 * 4) }
            for index in 16..<80 {
                let word = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
                words.append(word << 1 | word >> 31)
            }
            var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
            for index in 0..<80 {
                let (f, k): (UInt32, UInt32) =
                    switch index {
                    case 0..<20: (b & c | ~b & d, 0x5a82_7999)
                    case 20..<40: (b ^ c ^ d, 0x6ed9_eba1)
                    case 40..<60: (b & c | b & d | c & d, 0x8f1b_bcdc)
                    default: (b ^ c ^ d, 0xca62_c1d6)
                    }
                let next = (a << 5 | a >> 27) &+ f &+ e &+ k &+ words[index]
                (a, b, c, d, e) = (next, a, b << 30 | b >> 2, c, d)
            }
            state = zip(state, [a, b, c, d, e]).map { $0 &+ $1 }
        }
        var bytes: [UInt8] = []
        for word in state { bytes.appendBigEndian(word) }
        return bytes
    }
}
