/// The prefixed integers of RFC 7541 section 5.1.
enum HPACKInteger {
    /// Larger values are refused; no length or index of a bounded header block comes near.
    static let maximum = 1 << 28

    /// Reads the integer whose prefix is the low `prefixBits` bits of the byte at `offset`, and moves past it.
    static func decode(_ input: Span<UInt8>, at offset: inout Int, prefixBits: Int) throws(HPACKError) -> Int {
        guard offset < input.count else { throw .truncated }
        let mask = (1 << prefixBits) - 1
        var value = Int(input[offset]) & mask
        offset += 1
        if value < mask { return value }
        var shift = 0
        while true {
            guard offset < input.count else { throw .truncated }
            let byte = Int(input[offset])
            offset += 1
            guard shift <= 28 else { throw .integerTooLarge }
            value += (byte & 0x7f) << shift
            guard value <= maximum else { throw .integerTooLarge }
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
    }

    /// Appends `value`; `pattern` fills the bits of the first byte above the prefix.
    static func encode(_ value: Int, prefixBits: Int, pattern: UInt8, into output: inout [UInt8]) {
        let mask = (1 << prefixBits) - 1
        if value < mask {
            output.append(pattern | UInt8(truncatingIfNeeded: value))
            return
        }
        output.append(pattern | UInt8(truncatingIfNeeded: mask))
        var rest = value - mask
        while rest >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: rest & 0x7f | 0x80))
            rest >>= 7
        }
        output.append(UInt8(truncatingIfNeeded: rest))
    }
}
