/// Reads a head, or trailers, line by line (RFC 9112 sections 2 to 5) into a field block in the form of HTTP/2.
///
/// Complete lines are read where they lie; only a line that arrives in pieces is copied. CR LF is required at the end of each: other
/// readings of a line's end are how requests are smuggled.
struct HTTP1HeadReader: Sendable {
    /// Where the fields stand: it decides what they may say.
    enum Section: Sendable {
        case request
        case response
        case trailers
    }

    /// The fields read so far. What concerns only this connection is in `facts` instead.
    var fields = HTTPFieldBlock()
    /// What the fields say to this connection.
    var facts = HTTP1HeadFacts()
    /// A line that has arrived in part.
    private var line: [UInt8] = []
    private var fieldBytes = 0
    private var fieldLines = 0

    /// Room for the fields of an ordinary head, so that it is allocated once.
    private static let usualBytes = 768

    /// True if nothing of a next line has been seen.
    var isAtLineStart: Bool { line.isEmpty }

    /// Forgets the fields of the message before.
    mutating func begin() {
        fields = HTTPFieldBlock()
        facts = HTTP1HeadFacts()
        fieldBytes = 0
        fieldLines = 0
    }

    /// Gives the memory of a long line back.
    mutating func release() {
        if line.capacity > 1024 { line = [] }
    }

    /// Hands the next complete line, without its end, to `body`; false if it is not there yet. `limit` is on the line without its end.
    @inline(__always)
    private mutating func withLine(
        _ input: Span<UInt8>, at offset: inout Int, limit: Int, tooLong: HTTP1ParseError,
        _ body: (inout Self, Span<UInt8>) throws(HTTP1ParseError) -> Void
    ) throws(HTTP1ParseError) -> Bool {
        let end = ByteScan.lineFeed(input, from: offset)
        if let end, line.isEmpty {
            let whole = input.extracting(offset..<end)
            offset = end + 1
            let count = try Self.contentLength(of: whole, limit, tooLong)
            try body(&self, whole.extracting(0..<count))
            return true
        }
        line.append(span: input.extracting(offset..<(end ?? input.count)))
        offset = end.map { $0 + 1 } ?? input.count
        guard end != nil else {
            let length = line.last == 0x0d ? line.count - 1 : line.count
            guard length <= limit else { throw tooLong }
            return false
        }
        var whole: [UInt8] = []
        swap(&whole, &line)
        let count = try Self.contentLength(of: whole.span, limit, tooLong)
        try body(&self, whole.span.extracting(0..<count))
        whole.removeAll(keepingCapacity: true)
        swap(&whole, &line)
        return true
    }

    /// The length of `line` without its carriage return.
    @inline(__always)
    private static func contentLength(
        of line: Span<UInt8>, _ limit: Int, _ tooLong: HTTP1ParseError
    ) throws(HTTP1ParseError) -> Int {
        guard line.count > 0, line[line.count - 1] == 0x0d else {
            throw line.count > limit ? tooLong : .lineEnd
        }
        guard line.count - 1 <= limit else { throw tooLong }
        return line.count - 1
    }

    /// Reads a first line with `body`; false if it is not there yet.
    @inline(__always)
    mutating func readStartLine(
        _ input: Span<UInt8>, at offset: inout Int, limits: HTTP1Limits,
        _ body: (inout Self, Span<UInt8>) throws(HTTP1ParseError) -> Void
    ) throws(HTTP1ParseError) -> Bool {
        try withLine(input, at: &offset, limit: limits.startLineBytes, tooLong: .startLineTooLong, body)
    }

    /// Reads field lines up to the empty one; false if that is not there yet.
    mutating func readFields(
        _ input: Span<UInt8>, at offset: inout Int, limits: HTTP1Limits, in section: Section
    ) throws(HTTP1ParseError) -> Bool {
        var isDone = false
        while !isDone, offset < input.count {
            let room = limits.fieldBytes - fieldBytes
            let isComplete = try withLine(input, at: &offset, limit: room, tooLong: .fieldsTooLarge) {
                reader, line throws(HTTP1ParseError) in
                if line.count == 0 {
                    isDone = true
                } else {
                    try reader.take(line, limits: limits, in: section)
                }
            }
            guard isComplete else { return false }
        }
        return isDone
    }

    /// Takes one field line (section 5).
    @inline(__always)
    private mutating func take(
        _ line: Span<UInt8>, limits: HTTP1Limits, in section: Section
    ) throws(HTTP1ParseError) {
        guard line[0] != 0x20, line[0] != 0x09 else { throw .foldedField }
        fieldBytes += line.count
        guard fieldLines < limits.fieldCount else { throw .fieldsTooLarge }
        fieldLines += 1
        let colon = ByteScan.tokenPrefix(line)
        guard colon > 0, colon < line.count, line[colon] == 0x3a else { throw .field }
        let rest = line.extracting((colon + 1)...)
        let value = rest.extracting(rest.trimmedRange)
        guard ByteScan.isFieldText(value) else { throw .field }
        if fields.storage.capacity == 0 { fields.storage.reserveCapacity(Self.usualBytes) }
        let start = fields.storage.count
        fields.append(lowercasing: line.extracting(0..<colon), value: value)
        let nameStart = start + HTTPFieldBlock.recordHeaderLength
        let kind = HTTP1FieldKind(fields.storage.span.extracting(nameStart..<(nameStart + colon)))
        if kind != .ordinary {
            let isPassedOn: Bool
            switch section {
            case .trailers:
                guard !kind.isForbiddenInTrailers else { throw .trailer }
                isPassedOn = true
            case .response where kind.isOfRequests: isPassedOn = true
            case .request, .response: isPassedOn = try note(kind, value)
            }
            guard isPassedOn else {
                fields.removeLast(name: colon, value: value.count)
                if kind == .host { try noteHost(value, isFirstField: start == facts.pseudoEnd) }
                return
            }
        }
    }

    /// Remembers what a field says to this connection; true if it is passed on as well.
    private mutating func note(_ kind: HTTP1FieldKind, _ value: Span<UInt8>) throws(HTTP1ParseError) -> Bool {
        switch kind {
        case .ordinary: return true
        case .hopByHop: return false
        case .cookie:
            facts.cookies += 1
            return true
        case .expect:
            if value.equalsIgnoringCase("100-continue") {
                facts.expectsContinue = facts.version == .http11
                return facts.expectsContinue
            }
            return true
        case .contentLength:
            facts.contentLengths += 1
            facts.contentLength = HTTP2MessageRules.decimal(value) ?? -1
            return true
        case .transferEncoding:
            facts.transferEncodings += 1
            facts.isChunked = value.equalsIgnoringCase("chunked")
            return false
        case .te:
            value.forEachListElement { if $0.equalsIgnoringCase("trailers") { facts.acceptsTrailers = true } }
            return false
        case .upgrade:
            facts.upgrades += 1
            for index in 0..<value.count where facts.upgrades == 1 {
                facts.upgrade.append(asciiLowercased(value[index]))
            }
            return false
        case .connection:
            noteConnection(value)
            return false
        case .host: return false
        }
    }

    /// Host becomes `:authority`. Mostly it comes first, and then it is put where it belongs at once.
    private mutating func noteHost(_ value: Span<UInt8>, isFirstField: Bool) throws(HTTP1ParseError) {
        facts.hosts += 1
        guard facts.hosts == 1 else { throw .host }
        if isFirstField, facts.authority == nil {
            facts.authority = fields.append(pseudo: ":authority", value)
            facts.isHostInPlace = true
            facts.pseudoEnd = fields.storage.count
        } else {
            facts.lateHost.append(span: value)
        }
    }

    private mutating func noteConnection(_ value: Span<UInt8>) {
        value.forEachListElement { option in
            if option.equalsIgnoringCase("close") {
                facts.options.insert(.close)
            } else if option.equalsIgnoringCase("keep-alive") {
                facts.options.insert(.keepAlive)
            } else if option.equalsIgnoringCase("upgrade") {
                facts.options.insert(.upgrade)
            } else {
                for index in 0..<option.count { facts.nominated.append(asciiLowercased(option[index])) }
                facts.nominated.append(0x2c)
            }
        }
    }
}
