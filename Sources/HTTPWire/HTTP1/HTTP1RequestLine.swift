/// Reads a request line (RFC 9112 section 3). Pure.
enum HTTP1RequestLine {
    /// Adds the pseudo-header fields that the line gives: `:method`, and `:scheme`, `:authority` and `:path` as its target has them.
    static func read(
        _ line: Span<UInt8>, scheme: HTTP1Scheme, into fields: inout HTTPFieldBlock, _ facts: inout HTTP1HeadFacts
    ) throws(HTTP1ParseError) {
        // METHOD SP TARGET SP HTTP/1.1, nothing else: the version is the last eight bytes.
        let methodEnd = ByteScan.tokenPrefix(line)
        let targetEnd = line.count - 9
        guard methodEnd > 0, methodEnd + 1 < targetEnd, line[methodEnd] == 0x20, line[targetEnd] == 0x20 else {
            throw .requestLine
        }
        facts.version = try HTTP1Version(line.extracting((targetEnd + 1)...), malformed: .requestLine)
        let target = line.extracting((methodEnd + 1)..<targetEnd)
        guard ByteScan.isVisible(target) else { throw .requestLine }
        let method = line.extracting(0..<methodEnd)
        fields.storage.reserveCapacity(768)
        facts.method = fields.append(pseudo: ":method", method)
        if method.equals("CONNECT") {
            guard HTTPAuthority.isValid(target, needsPort: true) else { throw .target }
            facts.authority = fields.append(pseudo: ":authority", target)
        } else if target[0] == 0x2f {
            try checkPath(target)
            fields.append(pseudo: ":scheme", value: scheme.text)
            fields.append(pseudo: ":path", target)
        } else if target.equals("*") {
            guard method.equals("OPTIONS") else { throw .target }
            fields.append(pseudo: ":scheme", value: scheme.text)
            fields.append(pseudo: ":path", target)
        } else {
            try readAbsolute(target, scheme: scheme, isOptions: method.equals("OPTIONS"), into: &fields, &facts)
        }
        facts.pseudoEnd = fields.storage.count
    }

    /// Section 3.2.2. Another scheme than the connection's is refused: the request is for another server (RFC 9110 section 7.4).
    private static func readAbsolute(
        _ target: Span<UInt8>, scheme: HTTP1Scheme, isOptions: Bool, into fields: inout HTTPFieldBlock,
        _ facts: inout HTTP1HeadFacts
    ) throws(HTTP1ParseError) {
        let start = scheme.text.utf8CodeUnitCount + 3
        guard target.count > start, target.extracting(0..<(start - 3)).equalsIgnoringCase(scheme.text),
            target.extracting((start - 3)..<start).equals("://")
        else { throw .target }
        var end = start
        while end < target.count, target[end] != 0x2f, target[end] != 0x3f, target[end] != 0x23 { end += 1 }
        let authority = target.extracting(start..<end)
        guard HTTPAuthority.isValid(authority) else { throw .target }
        let path = target.extracting(end...)
        try checkPath(path)
        fields.append(pseudo: ":scheme", value: scheme.text)
        facts.authority = fields.append(pseudo: ":authority", authority)
        if path.count == 0 {
            fields.append(pseudo: ":path", value: isOptions ? "*" : "/")
        } else if path[0] == 0x2f {
            fields.append(pseudo: ":path", path)
        } else {
            var rooted: [UInt8] = [0x2f]
            rooted.append(span: path)
            fields.append(pseudo: ":path", rooted.span)
        }
    }

    /// A fragment never belongs into a request; whoever strips it matches another path than whoever does not.
    private static func checkPath(_ path: Span<UInt8>) throws(HTTP1ParseError) {
        for index in 0..<path.count where path[index] == 0x23 { throw .target }
    }
}

extension HTTP1Scheme {
    /// The form of the wire.
    var text: StaticString { self == .http ? "http" : "https" }
}
