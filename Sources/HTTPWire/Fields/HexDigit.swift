/// Hexadecimal digits, for chunk sizes, percent coding and trace ids.
enum HexDigit {
    /// 0 to 15; nil for anything else.
    @inline(__always)
    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// `number` as exactly `count` lower-case digits.
    static func append(_ number: UInt64, digits count: Int, to output: inout [UInt8]) {
        for index in stride(from: count - 1, through: 0, by: -1) {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(index * 4) & 0xf)
            output.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }
}
