/// Collects one line up to its CR LF. Both are required: other readings of a line end are how requests are smuggled.
struct HTTP1LineReader: Sendable {
    /// The line without its end, once `read` has returned true; the caller empties it.
    var line: [UInt8] = []
    private var sawCarriageReturn = false

    /// Reads on; true if the line is complete. `limit` is on the line without its end.
    mutating func read(
        _ input: Span<UInt8>, at offset: inout Int, limit: Int, tooLong: HTTP1ParseError
    ) throws(HTTP1ParseError) -> Bool {
        while offset < input.count {
            let byte = input[offset]
            offset += 1
            if sawCarriageReturn {
                guard byte == 0x0a else { throw .lineEnd }
                sawCarriageReturn = false
                return true
            }
            switch byte {
            case 0x0d: sawCarriageReturn = true
            case 0x0a: throw .lineEnd
            default:
                guard line.count < limit else { throw tooLong }
                line.append(byte)
            }
        }
        return false
    }

    /// True if nothing of a line has been seen.
    var isAtStart: Bool { line.isEmpty && !sawCarriageReturn }
}
