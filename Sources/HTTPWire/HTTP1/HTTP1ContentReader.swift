/// Finds the end of a message's content (RFC 9112 sections 6 and 7). Content is reported as ranges, never collected.
struct HTTP1ContentReader: Sendable {
    /// How the end is known.
    enum Framing: Hashable, Sendable {
        case length(UInt64)
        case chunked
        case untilClose
    }

    /// What the next byte is.
    private enum State: Sendable {
        case length(UInt64)
        case chunkSize
        case chunk(UInt64)
        case chunkEnd
        case trailers
        case untilClose
        case ended
    }

    /// What one step found.
    enum Piece: Sendable {
        /// The input is used up.
        case more
        case content(Range<Int>)
        case end(trailers: HTTPFieldBlock?)
    }

    private var state: State
    private var line = HTTP1LineReader()
    private var trailers = HTTP1FieldReader()
    private var total: UInt64 = 0

    init(_ framing: Framing, limits: HTTP1Limits) throws(HTTP1ParseError) {
        switch framing {
        case .length(let length):
            guard length <= limits.contentBytes else { throw .contentTooLarge }
            state = .length(length)
        case .chunked: state = .chunkSize
        case .untilClose: state = .untilClose
        }
    }

    /// True if the end of the connection is the end of the content.
    var endsWithConnection: Bool {
        if case .untilClose = state { return true }
        return false
    }

    /// Reads on until there is something to report.
    mutating func read(
        _ input: Span<UInt8>, at offset: inout Int, limits: HTTP1Limits
    ) throws(HTTP1ParseError) -> Piece {
        while true {
            switch state {
            case .ended, .length(0):
                state = .ended
                return .end(trailers: nil)
            case .length(let rest):
                guard let range = take(rest, input, &offset) else { return .more }
                state = .length(rest - UInt64(range.count))
                return .content(range)
            case .untilClose:
                guard let range = take(.max, input, &offset) else { return .more }
                try count(range.count, limits)
                return .content(range)
            case .chunkSize:
                guard try line.read(input, at: &offset, limit: limits.chunkLineBytes, tooLong: .chunkLineTooLong)
                else { return .more }
                let size = try Self.chunkSize(line.line)
                line.line.removeAll(keepingCapacity: true)
                guard size <= limits.contentBytes, total + size <= limits.contentBytes else { throw .contentTooLarge }
                total += size
                state = size == 0 ? .trailers : .chunk(size)
            case .chunk(let rest):
                guard let range = take(rest, input, &offset) else { return .more }
                let left = rest - UInt64(range.count)
                state = left == 0 ? .chunkEnd : .chunk(left)
                return .content(range)
            case .chunkEnd:
                guard try line.read(input, at: &offset, limit: 0, tooLong: .chunk) else { return .more }
                state = .chunkSize
            case .trailers:
                guard try line.read(input, at: &offset, limit: limits.fieldBytes, tooLong: .fieldsTooLarge)
                else { return .more }
                let isLast = try trailers.take(line.line, limits: limits)
                line.line.removeAll(keepingCapacity: true)
                if isLast {
                    state = .ended
                    return .end(trailers: trailers.fields.isEmpty ? nil : trailers.fields)
                }
            }
        }
    }

    private mutating func count(_ bytes: Int, _ limits: HTTP1Limits) throws(HTTP1ParseError) {
        total += UInt64(bytes)
        guard total <= limits.contentBytes else { throw .contentTooLarge }
    }

    private func take(_ most: UInt64, _ input: Span<UInt8>, _ offset: inout Int) -> Range<Int>? {
        let available = input.count - offset
        guard available > 0 else { return nil }
        let count = most > UInt64(available) ? available : Int(most)
        let range = offset..<(offset + count)
        offset += count
        return range
    }

    /// Up to 15 hexadecimal digits, then nothing or an extension, which is ignored (section 7.1.1).
    private static func chunkSize(_ line: [UInt8]) throws(HTTP1ParseError) -> UInt64 {
        var size: UInt64 = 0
        var digits = 0
        while digits < line.count, let value = HexDigit.value(line[digits]) {
            guard digits < 15 else { throw .chunk }
            size = size << 4 | UInt64(value)
            digits += 1
        }
        guard digits > 0 else { throw .chunk }
        var rest = line[digits...]
        while let first = rest.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
        guard rest.isEmpty || rest.first == 0x3b, rest.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }),
            !rest.isEmpty || digits == line.count
        else { throw .chunk }
        return size
    }
}
