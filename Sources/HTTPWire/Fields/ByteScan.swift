/// Looks through bytes a word at a time; what every parser of this module spends its time on. Pure.
enum ByteScan {
    private static let low: UInt64 = 0x0101_0101_0101_0101
    private static let high: UInt64 = 0x8080_8080_8080_8080

    /// The 8 bytes at `offset`, the first one lowest.
    @inline(__always)
    private static func word(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        // Sound: the span checks that 8 bytes are there, and any bytes are an integer.
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// A set bit 7 in the first byte of `word` that is zero; bytes above that one may be marked wrongly.
    @inline(__always)
    private static func zeroMark(_ word: UInt64) -> UInt64 {
        (word &- low) & ~word & high
    }

    /// Where the first line feed at or after `start` is.
    @inline(__always)
    static func lineFeed(_ span: Span<UInt8>, from start: Int) -> Int? {
        // Sound: bytes have no padding.
        let bytes = unsafe span.bytes
        var index = start
        while index &+ 8 <= span.count {
            let mark = zeroMark(word(bytes, index) ^ (low &* 0x0a))
            if mark != 0 { return index &+ mark.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < span.count {
            if span[index] == 0x0a { return index }
            index &+= 1
        }
        return nil
    }

    /// True if no byte is a control character; a horizontal tab is none (RFC 9110 section 5.5).
    @inline(__always)
    static func isFieldText(_ span: Span<UInt8>) -> Bool {
        // Sound: bytes have no padding.
        let bytes = unsafe span.bytes
        var index = 0
        while index &+ 8 <= span.count {
            let word = word(bytes, index)
            // Below 0x20, or 0x7f. A wrong mark only costs the look at single bytes.
            let mark = ((word &- low &* 0x20) & ~word & high) | zeroMark(word ^ (low &* 0x7f))
            if mark != 0 {
                for position in index..<(index &+ 8) where !isFieldText(span[position]) { return false }
            }
            index &+= 8
        }
        while index < span.count {
            guard isFieldText(span[index]) else { return false }
            index &+= 1
        }
        return true
    }

    @inline(__always)
    private static func isFieldText(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7f || byte == 0x09
    }

    /// True if every byte is a visible ASCII character, as in a request target (RFC 9112 section 3.2).
    @inline(__always)
    static func isVisible(_ span: Span<UInt8>) -> Bool {
        for index in 0..<span.count {
            let byte = span[index]
            guard byte > 0x20, byte < 0x7f else { return false }
        }
        return true
    }

    /// The characters of a token (RFC 9110 section 5.6.2), one bit each for the bytes 0 to 63 and 64 to 127.
    private static let tokensBelow64: UInt64 = 0x03ff_6cfa_0000_0000
    private static let tokensFrom64: UInt64 = 0x57ff_ffff_c7ff_fffe

    /// RFC 9110 section 5.6.2.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        let set = byte < 64 ? tokensBelow64 : byte < 128 ? tokensFrom64 : 0
        return set >> UInt64(byte & 63) & 1 != 0
    }

    /// The number of bytes at the start of `span` that are token characters.
    @inline(__always)
    static func tokenPrefix(_ span: Span<UInt8>) -> Int {
        var index = 0
        while index < span.count, isToken(span[index]) { index &+= 1 }
        return index
    }

    /// True if there is at least one byte and each is a token character.
    @inline(__always)
    static func isToken(_ span: Span<UInt8>) -> Bool {
        span.count > 0 && tokenPrefix(span) == span.count
    }
}
