/// Reads the responses of one connection (RFC 9112). As strict as the request parser. Owned by one loop.
package struct HTTP1ResponseParser: Sendable {
    private enum State: Sendable {
        case statusLine
        case fields(status: Int, reason: String, HTTP1Version)
        case content(HTTP1ContentReader)
        case failed(HTTP1ParseError)
    }

    private let limits: HTTP1Limits
    private var state = State.statusLine
    private var line = HTTP1LineReader()
    private var fields = HTTP1FieldReader()
    private var isHead = false

    /// A parser at the start of a connection.
    package init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
    }

    /// To be called for each request before its response arrives: a response to HEAD has no content.
    package mutating func expectResponse(toMethod method: String) {
        isHead = method == "HEAD"
    }

    /// Takes all of `input` and appends what it means. After an error every call throws the same one.
    package mutating func receive(
        _ input: UnsafeRawBufferPointer, events: inout [HTTP1ResponseEvent]
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

    /// The connection has ended: the end of some responses, an error inside others, nothing between them.
    package mutating func finish(events: inout [HTTP1ResponseEvent]) throws(HTTP1ParseError) {
        switch state {
        case .statusLine where line.isAtStart: break
        case .content(let reader) where reader.endsWithConnection:
            events.append(.end(trailers: nil))
            state = .statusLine
        case .failed(let error): throw error
        default:
            state = .failed(.truncated)
            throw .truncated
        }
    }

    private mutating func step(
        _ bytes: Span<UInt8>, at offset: inout Int, events: inout [HTTP1ResponseEvent]
    ) throws(HTTP1ParseError) {
        switch state {
        case .statusLine:
            guard try line.read(bytes, at: &offset, limit: limits.startLineBytes, tooLong: .startLineTooLong)
            else { return }
            let (status, reason, version) = try Self.statusLine(line.line)
            line.line.removeAll(keepingCapacity: true)
            fields = HTTP1FieldReader()
            state = .fields(status: status, reason: reason, version)
        case .fields(let status, let reason, let version):
            guard try line.read(bytes, at: &offset, limit: limits.fieldBytes, tooLong: .fieldsTooLarge)
            else { return }
            let isLast = try fields.take(line.line, limits: limits)
            line.line.removeAll(keepingCapacity: true)
            if isLast { try finishHead(status: status, reason: reason, version, events: &events) }
        case .content(var reader):
            switch try reader.read(bytes, at: &offset, limits: limits) {
            case .more: state = .content(reader)
            case .content(let range):
                events.append(.content(range))
                try finishIfEmpty(&reader, events: &events)
            case .end(let trailers):
                events.append(.end(trailers: trailers))
                state = .statusLine
            }
        case .failed(let error): throw error
        }
    }

    private mutating func finishIfEmpty(
        _ reader: inout HTTP1ContentReader, events: inout [HTTP1ResponseEvent]
    ) throws(HTTP1ParseError) {
        var offset = 0
        if case .end(let trailers) = try reader.read(Span<UInt8>(), at: &offset, limits: limits) {
            events.append(.end(trailers: trailers))
            state = .statusLine
        } else {
            state = .content(reader)
        }
    }

    private mutating func finishHead(
        status: Int, reason: String, _ version: HTTP1Version, events: inout [HTTP1ResponseEvent]
    ) throws(HTTP1ParseError) {
        let block = fields.fields
        guard status != 101 else { throw .upgrade }
        let declared = try HTTP1FieldReader.framing(block, version: version)
        let hasNoContent = isHead || status < 200 || status == 204 || status == 304
        let framing: HTTP1ContentReader.Framing = hasNoContent ? .length(0) : declared ?? .untilClose
        let keepAlive = framing != .untilClose && HTTP1FieldReader.keepAlive(block, version: version)
        events.append(
            .head(
                HTTP1ResponseHead(
                    status: status, reason: reason, version: version, fields: block, keepAlive: keepAlive)))
        guard status >= 200 else {
            state = .statusLine
            return
        }
        var reader = try HTTP1ContentReader(framing, limits: limits)
        try finishIfEmpty(&reader, events: &events)
    }

    private static func statusLine(_ line: [UInt8]) throws(HTTP1ParseError) -> (Int, String, HTTP1Version) {
        guard line.count >= 12, line[8] == 0x20, line.count == 12 || line[12] == 0x20 else { throw .statusLine }
        let version = try HTTP1Version(line[0..<8], malformed: .statusLine)
        guard let status = HTTP2MessageRules.decimal(Array(line[9..<12]).span), status >= 100 else {
            throw .statusLine
        }
        let reason = line.count > 13 ? line[13...] : []
        guard reason.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else { throw .statusLine }
        return (Int(status), String(decoding: reason, as: UTF8.self), version)
    }
}
