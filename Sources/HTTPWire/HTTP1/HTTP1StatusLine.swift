/// Reads a status line (RFC 9112 section 4). Pure.
enum HTTP1StatusLine {
    /// Adds `:status`. The reason phrase is for people, and HTTP/2 has none.
    static func read(
        _ line: Span<UInt8>, into fields: inout HTTPFieldBlock, _ facts: inout HTTP1HeadFacts
    ) throws(HTTP1ParseError) {
        guard line.count >= 12, line[8] == 0x20, line.count == 12 || line[12] == 0x20 else { throw .statusLine }
        facts.version = try HTTP1Version(line.extracting(0..<8), malformed: .statusLine)
        let status = line.extracting(9..<12)
        guard HTTP2MessageRules.decimal(status) != nil, status[0] != 0x30, ByteScan.isFieldText(line) else {
            throw .statusLine
        }
        fields.storage.reserveCapacity(768)
        fields.append(pseudo: ":status", status)
        facts.pseudoEnd = fields.storage.count
    }
}
