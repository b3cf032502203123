/// Finds the end of a message's content (RFC 9112 sections 6 and 7). Content is reported as ranges, never collected.
struct HTTP1ContentReader: Sendable {
    /// What the next byte is.
    private enum State: Sendable {
        case length(UInt64)
        case chunkSize(UInt64, digits: Int, line: Int)
        /// White space after a chunk size: an extension has to follow.
        case chunkSpace(UInt64, line: Int)
        case chunkExtension(UInt64, line: Int)
        case chunkLineFeed(UInt64)
        case chunk(UInt64)
        case chunkEnd
        case chunkEndLineFeed
        case untilClose
    }

    /// What one step found.
    enum Piece: Sendable {
        /// The input is used up.
        case more
        case content(Range<Int>, isLast: Bool)
        /// Trailer lines follow, at least the empty one.
        case trailers
    }

    private var state: State
    private var total: UInt64 = 0
    private var extensionBytes = 0

    init(_ framing: HTTP1ContentFraming, limits: HTTP1Limits) throws(HTTP1ParseError) {
        switch framing {
        case .length(let length):
            guard length <= limits.contentBytes else { throw .contentTooLarge }
            state = .length(length)
        case .chunked: state = .chunkSize(0, digits: 0, line: 0)
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
        while offset < input.count {
            switch state {
            case .length(let rest):
                let range = take(rest, input, &offset)
                let left = rest - UInt64(range.count)
                state = .length(left)
                return .content(range, isLast: left == 0)
            case .untilClose:
                let range = take(.max, input, &offset)
                try count(UInt64(range.count), limits)
                return .content(range, isLast: false)
            case .chunk(let rest):
                let range = take(rest, input, &offset)
                let left = rest - UInt64(range.count)
                state = left == 0 ? .chunkEnd : .chunk(left)
                return .content(range, isLast: false)
            default:
                let byte = input[offset]
                offset += 1
                if try framing(byte, limits) { return .trailers }
            }
        }
        return .more
    }

    /// Takes one byte of a chunk-size line or of a chunk's end; true if it ended the line of the last chunk.
    @inline(__always)
    private mutating func framing(_ byte: UInt8, _ limits: HTTP1Limits) throws(HTTP1ParseError) -> Bool {
        switch state {
        case .chunkSize(let size, let digits, let line):
            if let value = HexDigit.value(byte) {
                // 15 digits cannot overflow; zeros in front count, since nobody needs that many.
                guard digits < 15, line < limits.chunkLineBytes else { throw digits < 15 ? .chunkLineTooLong : .chunk }
                state = .chunkSize(size << 4 | UInt64(value), digits: digits + 1, line: line + 1)
                return false
            }
            guard digits > 0 else { throw .chunk }
            switch byte {
            case 0x0d: state = .chunkLineFeed(size)
            case 0x3b: try takeExtension(size, line + 1, limits)
            case 0x20, 0x09: try takeSpace(size, line + 1, limits)
            case 0x0a: throw .lineEnd
            default: throw .chunk
            }
        case .chunkSpace(let size, let line):
            switch byte {
            case 0x3b: try takeExtension(size, line + 1, limits)
            case 0x20, 0x09: try takeSpace(size, line + 1, limits)
            default: throw .chunk
            }
        case .chunkExtension(let size, let line):
            switch byte {
            case 0x0d: state = .chunkLineFeed(size)
            case 0x0a: throw .lineEnd
            case 0x09, 0x20...0x7e, 0x80...0xff: try takeExtension(size, line + 1, limits)
            default: throw .chunk
            }
        case .chunkLineFeed(let size):
            guard byte == 0x0a else { throw .lineEnd }
            try count(size, limits)
            state = .chunk(size)
            return size == 0
        case .chunkEnd:
            guard byte == 0x0d else { throw byte == 0x0a ? .lineEnd : .chunk }
            state = .chunkEndLineFeed
        case .chunkEndLineFeed:
            guard byte == 0x0a else { throw .lineEnd }
            state = .chunkSize(0, digits: 0, line: 0)
        case .length, .chunk, .untilClose: break
        }
        return false
    }

    private mutating func takeSpace(_ size: UInt64, _ line: Int, _ limits: HTTP1Limits) throws(HTTP1ParseError) {
        try countExtension(line, limits)
        state = .chunkSpace(size, line: line)
    }

    private mutating func takeExtension(_ size: UInt64, _ line: Int, _ limits: HTTP1Limits) throws(HTTP1ParseError) {
        try countExtension(line, limits)
        state = .chunkExtension(size, line: line)
    }

    private mutating func countExtension(_ line: Int, _ limits: HTTP1Limits) throws(HTTP1ParseError) {
        extensionBytes += 1
        guard line <= limits.chunkLineBytes, extensionBytes <= limits.chunkExtensionBytes else {
            throw .chunkLineTooLong
        }
    }

    private mutating func count(_ bytes: UInt64, _ limits: HTTP1Limits) throws(HTTP1ParseError) {
        let (sum, overflow) = total.addingReportingOverflow(bytes)
        guard !overflow, sum <= limits.contentBytes else { throw .contentTooLarge }
        total = sum
    }

    @inline(__always)
    private func take(_ most: UInt64, _ input: Span<UInt8>, _ offset: inout Int) -> Range<Int> {
        let available = input.count - offset
        let count = most > UInt64(available) ? available : Int(most)
        let range = offset..<(offset + count)
        offset += count
        return range
    }
}
