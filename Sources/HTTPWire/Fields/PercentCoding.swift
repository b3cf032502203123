/// Percent coding (RFC 3986 section 2.1), tolerant on the way in.
enum PercentCoding {
    /// Replaces each byte for which `isPlain` is false; `%` itself is always replaced.
    static func encode(_ text: String, where isPlain: (UInt8) -> Bool) -> String {
        var output: [UInt8] = []
        for byte in text.utf8 {
            if byte != 0x25, isPlain(byte) {
                output.append(byte)
            } else {
                output.append(0x25)
                for digit in [byte >> 4, byte & 0xf] { output.append(digit < 10 ? 0x30 + digit : 0x37 + digit) }
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Sequences that are not `%` and two digits are left as they are.
    static func decode(_ text: String) -> String {
        guard text.utf8.contains(0x25) else { return text }
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x25, index + 2 < bytes.count, let high = HexDigit.value(bytes[index + 1]),
                let low = HexDigit.value(bytes[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
