/// Collects field lines up to the empty one (RFC 9112 section 5).
struct HTTP1FieldReader: Sendable {
    private(set) var fields = HTTPFieldBlock()
    private var bytes = 0

    /// Takes one line; true if it was the empty one.
    mutating func take(_ line: [UInt8], limits: HTTP1Limits) throws(HTTP1ParseError) -> Bool {
        guard let first = line.first else { return true }
        guard first != 0x20, first != 0x09 else { throw .foldedField }
        bytes += line.count
        guard bytes <= limits.fieldBytes, fields.count < limits.fieldCount else { throw .fieldsTooLarge }
        guard let colon = line.firstIndex(of: 0x3a), colon > 0 else { throw .field }
        let name = line[..<colon]
        guard name.allSatisfy(HTTP2MessageRules.isTokenCharacter) else { throw .field }
        var start = colon + 1
        var end = line.count
        while start < end, line[start] == 0x20 || line[start] == 0x09 { start += 1 }
        while end > start, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
        for byte in line[start..<end] where byte < 0x20 && byte != 0x09 || byte == 0x7f { throw .field }
        fields.append(name: name.map(asciiLowercased), value: Array(line[start..<end]))
        return false
    }

    /// How the content of a message is framed by its fields (section 6.3); nil if they say nothing.
    static func framing(
        _ fields: HTTPFieldBlock, version: HTTP1Version
    ) throws(HTTP1ParseError) -> HTTP1ContentReader.Framing? {
        let codings = fields.all("transfer-encoding")
        let lengths = fields.all("content-length")
        guard codings.isEmpty || lengths.isEmpty, lengths.count <= 1 else { throw .framing }
        if !codings.isEmpty {
            guard version == .http11 else { throw .framing }
            guard codings.count == 1, codings[0].utf8.map(asciiLowercased) == Array("chunked".utf8) else {
                throw .transferCoding
            }
            return .chunked
        }
        guard let length = lengths.first else { return nil }
        guard let number = HTTP2MessageRules.decimal(Array(length.utf8).span) else { throw .framing }
        return .length(UInt64(number))
    }

    /// Whether the connection stays after this message (section 9.3).
    static func keepAlive(_ fields: HTTPFieldBlock, version: HTTP1Version) -> Bool {
        let options: [String] = fields.all("connection").joined(separator: ",").lowercased().split(separator: ",")
            .map { option in String(option.filter { $0 != " " && $0 != "\t" }) }
        if options.contains("close") { return false }
        return version == .http11 || options.contains("keep-alive")
    }
}
