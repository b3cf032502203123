/// Reads the requests of one connection, one after another (RFC 9112). Strict: whatever two readers could understand
/// differently is refused. Owned by one loop.
package struct HTTP1RequestParser: Sendable {
    private enum State: Sendable {
        /// Between messages, or in a request line; empty lines before it are allowed, at most `emptyLinesAllowed`.
        case requestLine
        case fields(method: String, target: String, HTTP1Version)
        case content(HTTP1ContentReader)
        case failed(HTTP1ParseError)
    }

    /// Empty lines tolerated before a request line (section 2.2).
    private static let emptyLinesAllowed = 1

    private let limits: HTTP1Limits
    private var state = State.requestLine
    private var line = HTTP1LineReader()
    private var fields = HTTP1FieldReader()
    private var emptyLines = 0

    /// A parser at the start of a connection.
    package init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
    }

    /// True between messages: where a client may close.
    package var isIdle: Bool {
        if case .requestLine = state { return line.isAtStart }
        return false
    }

    /// Takes all of `input`, which may hold several requests, and appends what it means. After an error every call
    /// throws the same one: answer `status` and close.
    package mutating func receive(
        _ input: UnsafeRawBufferPointer, events: inout [HTTP1RequestEvent]
    ) throws(HTTP1ParseError) {
        // Sound: the span does not outlive the call.
        let bytes = unsafe Span<UInt8>(_unsafeBytes: input)
        if case .failed(let error) = state { throw error }
        do throws(HTTP1ParseError) {
            var offset = 0
            while offset < bytes.count { try step(bytes, at: &offset, events: &events) }
        } catch {
            state = .failed(error)
            throw error
        }
    }

    private mutating func step(
        _ bytes: Span<UInt8>, at offset: inout Int, events: inout [HTTP1RequestEvent]
    ) throws(HTTP1ParseError) {
        switch state {
        case .requestLine:
            guard try line.read(bytes, at: &offset, limit: limits.startLineBytes, tooLong: .startLineTooLong)
            else { return }
            if line.line.isEmpty {
                emptyLines += 1
                guard emptyLines <= Self.emptyLinesAllowed else { throw .requestLine }
                return
            }
            emptyLines = 0
            let (method, target, version) = try Self.requestLine(line.line)
            line.line.removeAll(keepingCapacity: true)
            fields = HTTP1FieldReader()
            state = .fields(method: method, target: target, version)
        case .fields(let method, let target, let version):
            guard try line.read(bytes, at: &offset, limit: limits.fieldBytes, tooLong: .fieldsTooLarge)
            else { return }
            let isLast = try fields.take(line.line, limits: limits)
            line.line.removeAll(keepingCapacity: true)
            if isLast { try finishHead(method: method, target: target, version, events: &events) }
        case .content(var reader):
            switch try reader.read(bytes, at: &offset, limits: limits) {
            case .more: state = .content(reader)
            case .content(let range):
                events.append(.content(range))
                try finishIfEmpty(&reader, events: &events)
            case .end(let trailers):
                events.append(.end(trailers: trailers))
                state = .requestLine
            }
        case .failed(let error): throw error
        }
    }

    /// Content that is complete is reported at once, not when the next message arrives.
    private mutating func finishIfEmpty(
        _ reader: inout HTTP1ContentReader, events: inout [HTTP1RequestEvent]
    ) throws(HTTP1ParseError) {
        var offset = 0
        if case .end(let trailers) = try reader.read(Span<UInt8>(), at: &offset, limits: limits) {
            events.append(.end(trailers: trailers))
            state = .requestLine
        } else {
            state = .content(reader)
        }
    }

    private mutating func finishHead(
        method: String, target: String, _ version: HTTP1Version, events: inout [HTTP1RequestEvent]
    ) throws(HTTP1ParseError) {
        let block = fields.fields
        let hosts = block.all("host").count
        guard hosts == 1 || hosts == 0 && version == .http10 else { throw .host }
        let framing = try HTTP1FieldReader.framing(block, version: version) ?? .length(0)
        var reader = try HTTP1ContentReader(framing, limits: limits)
        let expectsContinue = version == .http11 && block.first("expect")?.lowercased() == "100-continue"
        events.append(
            .head(
                HTTP1RequestHead(
                    method: method, target: target, version: version, fields: block,
                    keepAlive: HTTP1FieldReader.keepAlive(block, version: version),
                    expectsContinue: expectsContinue, hasContent: framing != .length(0))))
        try finishIfEmpty(&reader, events: &events)
    }

    private static func requestLine(_ line: [UInt8]) throws(HTTP1ParseError) -> (String, String, HTTP1Version) {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty,
            parts[0].allSatisfy(HTTP2MessageRules.isTokenCharacter),
            parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw .requestLine }
        return (
            String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self),
            try HTTP1Version(parts[2], malformed: .requestLine)
        )
    }
}
