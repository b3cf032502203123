/// What the caller writes around `payloadCount` bytes of content, so that the payload itself is never copied for framing.
package struct HTTP1DataFraming: Hashable, Sendable {
    /// Bytes of payload to write between prefix and suffix: those that were offered, or 0 where the message has no content to send
    /// (HEAD, 204, 304, or the exchange is gone), and they are to be thrown away.
    package let payloadCount: Int
    let isChunked: Bool
    let endStream: Bool

    /// The most bytes that prefix and suffix have together.
    package static let largestOverhead = 18 + 7

    private var digits: Int { max(1, (Int.bitWidth - payloadCount.leadingZeroBitCount + 3) / 4) }

    /// Bytes before the payload.
    package var prefixCount: Int { isChunked && payloadCount > 0 ? digits + 2 : 0 }

    /// Bytes after the payload.
    package var suffixCount: Int {
        guard isChunked else { return 0 }
        return (payloadCount > 0 ? 2 : 0) + (endStream ? 5 : 0)
    }

    /// Writes the `prefixCount` bytes before the payload: the chunk's size.
    package func writePrefix(into destination: UnsafeMutableRawPointer) {
        guard prefixCount > 0 else { return }
        var rest = payloadCount
        for index in stride(from: digits - 1, through: 0, by: -1) {
            let digit = UInt8(truncatingIfNeeded: rest & 0xf)
            // Sound: the caller gives room for prefixCount bytes, of which the digits are all but two.
            unsafe destination.storeBytes(
                of: digit < 10 ? 0x30 + digit : 0x57 + digit, toByteOffset: index, as: UInt8.self)
            rest >>= 4
        }
        unsafe destination.storeBytes(of: 0x0d, toByteOffset: digits, as: UInt8.self)
        unsafe destination.storeBytes(of: 0x0a, toByteOffset: digits + 1, as: UInt8.self)
    }

    /// Writes the `suffixCount` bytes after the payload: the chunk's end, and the last chunk.
    package func writeSuffix(into destination: UnsafeMutableRawPointer) {
        guard suffixCount > 0 else { return }
        let text: StaticString = payloadCount > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n"
        // Sound: the caller gives room for suffixCount bytes, which is at most the length of the text.
        unsafe destination.copyMemory(from: text.utf8Start, byteCount: suffixCount)
    }
}
