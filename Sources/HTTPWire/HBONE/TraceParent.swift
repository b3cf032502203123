/// The `traceparent` of an HBONE request (W3C Trace Context, version 00), one for each captured connection.
package struct TraceParent: Hashable, Sendable, CustomStringConvertible {
    /// The first half of the trace id.
    package let traceHigh: UInt64
    /// The second half of the trace id; the id is not all zero.
    package let traceLow: UInt64
    /// The id of the parent span, not zero.
    package let parent: UInt64
    /// Bit 0: sampled.
    package let flags: UInt8

    /// A new trace with flags 00, from the shell's source of randomness.
    package init(random: inout some RandomNumberGenerator) {
        traceHigh = random.next()
        traceLow = random.next() | 1
        parent = random.next() | 1
        flags = 0
    }

    /// Reads the 55-character form; nil for any other length, digits in upper case, or an id of all zeros. Versions
    /// above 00 are read by the rules of 00, as the specification asks, except ff.
    package init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 55, bytes[2] == 0x2d, bytes[35] == 0x2d, bytes[52] == 0x2d,
            let version = Self.number(bytes[0..<2]), version != 0xff,
            let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]),
            let parent = Self.number(bytes[36..<52]), let flags = Self.number(bytes[53..<55]),
            high | low != 0, parent != 0
        else { return nil }
        traceHigh = high
        traceLow = low
        self.parent = parent
        self.flags = UInt8(truncatingIfNeeded: flags)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            guard let value = HexDigit.value(digit), digit < 0x41 || digit > 0x46 else { return nil }
            number = number << 4 | UInt64(value)
        }
        return number
    }

    /// The 55-character form, version 00.
    package var description: String {
        "00-\(traceID)-\(Self.hex(parent, 16))-\(Self.hex(UInt64(flags), 2))"
    }

    /// The 32 digits of the trace id.
    package var traceID: String { Self.hex(traceHigh, 16) + Self.hex(traceLow, 16) }

    private static func hex(_ number: UInt64, _ digits: Int) -> String {
        var output: [UInt8] = []
        HexDigit.append(number, digits: digits, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
