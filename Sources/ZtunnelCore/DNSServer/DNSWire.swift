/// The few bytes of a DNS message that passing a question on needs (RFC 1035, section 4.1). Pure, and bounded by the message.
enum DNSWire {
    /// Bytes of the header.
    static let headerLength = 12

    /// The identifier in the header.
    static func identifier(_ message: [UInt8]) -> UInt16? {
        guard message.count >= headerLength else { return nil }
        return UInt16(message[0]) << 8 | UInt16(message[1])
    }

    /// Replaces the identifier.
    static func setIdentifier(_ identifier: UInt16, _ message: inout [UInt8]) {
        guard message.count >= headerLength else { return }
        message[0] = UInt8(truncatingIfNeeded: identifier >> 8)
        message[1] = UInt8(truncatingIfNeeded: identifier)
    }

    /// Whether the message is an answer (QR).
    static func isAnswer(_ message: [UInt8]) -> Bool { message.count >= headerLength && message[2] & 0x80 != 0 }

    /// Whether the answer was cut (TC).
    static func isTruncated(_ message: [UInt8]) -> Bool { message.count >= headerLength && message[2] & 0x02 != 0 }

    /// The first question: name, type and class as they were sent; nil if it is not whole or its name is compressed.
    static func question(_ message: [UInt8]) -> ArraySlice<UInt8>? {
        guard message.count >= headerLength, UInt16(message[4]) << 8 | UInt16(message[5]) == 1 else { return nil }
        var position = headerLength
        while position < message.count {
            let length = Int(message[position])
            guard length < 64 else { return nil }
            position += 1 + length
            guard length == 0 else { continue }
            guard position + 4 <= message.count else { return nil }
            return message[headerLength..<(position + 4)]
        }
        return nil
    }

    /// Whether `answer` answers `question`: the same name (letters' case aside), type and class. An answer that repeats no
    /// question is none.
    static func answers(_ answer: [UInt8], _ question: ArraySlice<UInt8>) -> Bool {
        guard isAnswer(answer), let repeated = self.question(answer), repeated.count == question.count else {
            return false
        }
        return zip(repeated, question).allSatisfy { lower($0) == lower($1) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }
}
