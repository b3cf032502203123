/// Looks through bytes a word at a time; what every parser of this module spends its time on. Pure.
enum ByteScan {
    private static let low: UInt64 = 0x0101_0101_0101_0101
    private static let high: UInt64 = 0x8080_8080_8080_8080

    /// The 8 bytes at `offset`, the first one lowest.
    @inline(__always)
    static func word(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        // Sound: the span checks that 8 bytes are there, and any bytes are an integer.
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// A set bit 7 in the first byte of `word` that is zero; bytes above that one may be marked wrongly.
    @inline(__always)
    private static func zeroMark(_ word: UInt64) -> UInt64 {
        (word &- low) & ~word & high
    }

    /// Bit 7 of each byte of `word` from `first` to `last`, which are 1 to 0x7f, and of no other.
    @inline(__always)
    private static func mark(_ word: UInt64, _ first: UInt64, _ last: UInt64) -> UInt64 {
        // Without bit 7 no sum reaches the next byte.
        let bytes = word & ~high
        return (bytes &+ low &* (0x80 &- first)) & ~(bytes &+ low &* (0x7f &- last)) & ~word & high
    }

    /// Bit 7 of each byte of `word` that is `byte`, and of no other.
    @inline(__always)
    private static func mark(_ word: UInt64, _ byte: UInt64) -> UInt64 {
        let bytes = word ^ low &* byte
        return ~((bytes & ~high &+ ~high) | bytes) & high
    }

    /// `word` with the letters among its bytes in lower case.
    @inline(__always)
    static func lowercased(_ word: UInt64) -> UInt64 { word | mark(word, 0x41, 0x5a) >> 2 }

    /// Bit 7 of each byte that is a letter, a digit or `-`: most tokens have no other characters.
    @inline(__always)
    private static func plainMark(_ word: UInt64) -> UInt64 {
        mark(word | low &* 0x20, 0x61, 0x7a) | mark(word, 0x30, 0x39) | mark(word, 0x2d)
    }

    /// The number of bytes at the start of `span` that are letters, digits, `-` and `.`, as far as whole words have nothing else.
    @inline(__always)
    static func plainPrefix(_ span: Span<UInt8>) -> Int {
        // Sound: bytes have no padding.
        let bytes = unsafe span.bytes
        var index = 0
        while index &+ 8 <= span.count {
            let word = word(bytes, index)
            guard plainMark(word) | mark(word, 0x2e) == high else { break }
            index &+= 8
        }
        return index
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

    /// True if `isRight` holds for all bytes: of each word, or, where it does not hold for a word and in short spans, of each byte.
    @inline(__always)
    private static func all(
        _ span: Span<UInt8>, _ areRight: (UInt64) -> Bool, _ isRight: (UInt8) -> Bool
    ) -> Bool {
        // Sound: bytes have no padding.
        let bytes = unsafe span.bytes
        var index = 0
        while index &+ 8 <= span.count {
            if !areRight(word(bytes, index)) {
                for place in index..<(index &+ 8) where !isRight(span[place]) { return false }
            }
            index &+= 8
        }
        guard index < span.count else { return true }
        // The last bytes together with some that have been looked at.
        if index > 0, areRight(word(bytes, span.count &- 8)) { return true }
        while index < span.count {
            guard isRight(span[index]) else { return false }
            index &+= 1
        }
        return true
    }

    /// True if no byte is a control character; a horizontal tab is none (RFC 9110 section 5.5).
    @inline(__always)
    static func isFieldText(_ span: Span<UInt8>) -> Bool {
        all(span) { word in
            // Below 0x20, or 0x7f. A wrong mark only costs the look at single bytes.
            ((word &- low &* 0x20) & ~word & high) | zeroMark(word ^ (low &* 0x7f)) == 0
        } _: { byte in
            byte >= 0x20 && byte != 0x7f || byte == 0x09
        }
    }

    /// True if every byte is a visible ASCII character, as in a request target (RFC 9112 section 3.2).
    @inline(__always)
    static func isVisible(_ span: Span<UInt8>) -> Bool {
        all(span) {
            mark($0, 0x21, 0x7e) == high
        } _: {
            $0 > 0x20 && $0 < 0x7f
        }
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
        // Sound: bytes have no padding.
        let bytes = unsafe span.bytes
        var index = 0
        while index &+ 8 <= span.count {
            let others = ~plainMark(word(bytes, index)) & high
            guard others != 0 else {
                index &+= 8
                continue
            }
            index &+= others.trailingZeroBitCount / 8
            guard isToken(span[index]) else { return index }
            index &+= 1
        }
        while index < span.count, isToken(span[index]) { index &+= 1 }
        return index
    }

    /// True if there is at least one byte and each is a token character.
    @inline(__always)
    static func isToken(_ span: Span<UInt8>) -> Bool {
        span.count > 0
            && all(span) {
                plainMark($0) == high
            } _: {
                isToken($0)
            }
    }
}
