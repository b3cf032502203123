extension HTTPFieldBlock {
    /// The value of the first field called `name` (lower case), as text; bytes that are not UTF-8 become U+FFFD.
    package func first(_ name: String) -> String? {
        var cursor = 0
        while let field = record(at: cursor) {
            if storage[field.name].elementsEqual(name.utf8) { return text(field.value) }
            cursor = field.value.upperBound
        }
        return nil
    }

    /// The same for a name that is known at compile time.
    package func first(_ name: StaticString) -> String? { firstRange(name).map(text) }

    /// The values of all fields called `name` (lower case), in order.
    package func all(_ name: String) -> [String] {
        var values: [String] = []
        var cursor = 0
        while let field = record(at: cursor) {
            if storage[field.name].elementsEqual(name.utf8) { values.append(text(field.value)) }
            cursor = field.value.upperBound
        }
        return values
    }

    /// Calls `body` with the value of each field called `name` (lower case), in order. Allocates nothing.
    package func forEachValue(of name: [UInt8], _ body: (Span<UInt8>) -> Void) {
        forEachValue(isPseudo: name.first == 0x3a, where: { $0.isEqual(to: name.span) }, body)
    }

    /// The same for a name that is known at compile time, and so costs no look at a counted reference.
    package func forEachValue(of name: StaticString, _ body: (Span<UInt8>) -> Void) {
        // Sound: a StaticString that is not one scalar points at bytes that live for ever; an empty one at a zero.
        forEachValue(isPseudo: unsafe name.utf8Start.pointee == 0x3a, where: { $0.equals(name) }, body)
    }

    @inline(__always)
    private func forEachValue(
        isPseudo: Bool, where isNamed: (Span<UInt8>) -> Bool, _ body: (Span<UInt8>) -> Void
    ) {
        var cursor = 0
        let bytes = storage.span
        while let field = record(at: cursor) {
            // RFC 9113 section 8.3: they come first.
            if isPseudo, field.name.isEmpty || bytes[field.name.lowerBound] != 0x3a { return }
            if isNamed(bytes.extracting(field.name)) { body(bytes.extracting(field.value)) }
            cursor = field.value.upperBound
        }
    }

    /// Whether there is a field of a name that is known at compile time, in lower case.
    package func has(_ name: StaticString) -> Bool { firstRange(name) != nil }

    /// All fields as text, in order. For logs and tests; the hot path uses `forEach`.
    package var fields: [(name: String, value: String)] {
        var list: [(name: String, value: String)] = []
        var cursor = 0
        while let field = record(at: cursor) {
            list.append((text(field.name), text(field.value)))
            cursor = field.value.upperBound
        }
        return list
    }

    /// `:method`.
    package var method: String? { firstRange(":method").map(text) }
    /// `:authority`.
    package var authority: String? { firstRange(":authority").map(text) }
    /// `:path`.
    package var path: String? { firstRange(":path").map(text) }
    /// `:scheme`.
    package var scheme: String? { firstRange(":scheme").map(text) }
    /// `:protocol` of an extended CONNECT (RFC 8441).
    package var protocolName: String? { firstRange(":protocol").map(text) }

    /// `:status` as a number; nil unless it has exactly three digits.
    package var status: Int? {
        guard let range = firstRange(":status"), range.count == 3 else { return nil }
        var number = 0
        for byte in storage[range] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }

    /// True for an ordinary or extended CONNECT request.
    package var isConnect: Bool {
        firstRange(":method").map { storage.equals($0, "CONNECT") } ?? false
    }

    /// The request of RFC 9113 section 8.5: `:method` and `:authority`, nothing else.
    package static func connect(authority: String) -> Self {
        var block = Self()
        block.append(name: ":method", value: "CONNECT")
        block.append(name: ":authority", value: authority)
        return block
    }

    /// A response that has only its status.
    package static func response(status: Int) -> Self {
        var block = Self()
        block.append(name: ":status", value: String(status))
        return block
    }

    /// A request with the four ordinary pseudo-header fields.
    package static func request(method: String, scheme: String, authority: String, path: String) -> Self {
        var block = Self()
        block.append(name: ":method", value: method)
        block.append(name: ":scheme", value: scheme)
        block.append(name: ":authority", value: authority)
        block.append(name: ":path", value: path)
        return block
    }
}

extension HTTPFieldBlock: CustomStringConvertible {
    /// One `name: value` a line; sensitive values are not shown.
    package var description: String {
        var lines: [String] = []
        var cursor = 0
        while let field = record(at: cursor) {
            lines.append("\(text(field.name)): \(field.sensitive ? "(sensitive)" : text(field.value))")
            cursor = field.value.upperBound
        }
        return lines.joined(separator: "\n")
    }
}
