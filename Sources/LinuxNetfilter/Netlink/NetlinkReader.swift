/// Reads the messages in one datagram from the kernel, without trusting any length in it.
///
/// Pure: bytes in, messages out. A length that does not fit ends the reading with `.malformed`; nothing is read past
/// the end. (RFC 3549, section 2.3.)
package struct NetlinkReader {
    /// What one message says.
    package enum Message: Equatable, Sendable {
        /// A record of a dump, or the answer of a get: its type, and the content after the header.
        case record(type: UInt16, content: [UInt8], interrupted: Bool)
        /// The end of a dump; `number` is the error of the dump, 0 if it is complete.
        case done(number: Int32, text: String)
        /// The acknowledgement of a request (number 0), or its refusal with the kernel's own words, if it gave any.
        case result(number: Int32, text: String)
        /// A length that does not fit: the rest of the datagram cannot be read.
        case malformed
    }

    private let bytes: [UInt8]
    private var position = 0
    /// The sequence number to which replies must belong; messages with another one are skipped.
    private let sequence: UInt32

    /// Reads `bytes`, keeping only replies to the request with `sequence`.
    package init(_ bytes: [UInt8], sequence: UInt32) {
        self.bytes = bytes
        self.sequence = sequence
    }

    /// The next message that belongs to the request, nil at the end of the datagram.
    package mutating func next() -> Message? {
        while bytes.count &- position >= 16 {
            let start = position
            guard let length = NetlinkBytes.word(bytes, start), length >= 16, Int(length) <= bytes.count &- start,
                let type = NetlinkBytes.half(bytes, start &+ 4), let flags = NetlinkBytes.half(bytes, start &+ 6),
                let number = NetlinkBytes.word(bytes, start &+ 8)
            else {
                position = bytes.count
                return .malformed
            }
            let end = start &+ Int(length)
            position = min(bytes.count, (end &+ 3) & ~3)
            guard number == sequence, type != NetlinkConstants.noOperation else { continue }
            return message(type: type, flags: flags, content: Array(bytes[(start &+ 16)..<end]))
        }
        guard position == bytes.count else {
            position = bytes.count
            return .malformed
        }
        return nil
    }

    private func message(type: UInt16, flags: UInt16, content: [UInt8]) -> Message {
        switch type {
        case NetlinkConstants.error:
            guard let code = NetlinkBytes.word(content, 0) else { return .malformed }
            // The refused request follows the error number: whole, or its header alone when the reply is capped.
            var attributes = 20
            if flags & NetlinkConstants.capped == 0 {
                guard let length = NetlinkBytes.word(content, 4), length >= 16, Int(length) <= content.count &- 4
                else { return .result(number: number(code), text: "") }
                attributes = 4 &+ ((Int(length) &+ 3) & ~3)
            }
            return .result(number: number(code), text: explanation(flags, content, from: attributes))
        case NetlinkConstants.done:
            guard let code = NetlinkBytes.word(content, 0) else { return .done(number: 0, text: "") }
            return .done(number: number(code), text: explanation(flags, content, from: 4))
        default:
            return .record(
                type: type, content: content, interrupted: flags & NetlinkConstants.dumpInterrupted != 0)
        }
    }

    /// The kernel sends negative error numbers.
    private func number(_ code: UInt32) -> Int32 { 0 &- Int32(bitPattern: code) }

    private func explanation(_ flags: UInt16, _ content: [UInt8], from start: Int) -> String {
        guard flags & NetlinkConstants.extendedAcknowledgement != 0, start < content.count else { return "" }
        for attribute in NetlinkAttributes(content, from: start)
        where attribute.type == NetlinkConstants.acknowledgementMessage {
            return String(decoding: attribute.content.prefix { $0 != 0 }, as: UTF8.self)
        }
        return ""
    }
}
