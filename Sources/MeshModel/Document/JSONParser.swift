/// A strict parser of RFC 8259: no trailing commas, no comments, no duplicate keys, valid UTF-8 only, bounded depth and size.
struct JSONParser {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var position = 0
    private var depth = 0

    init(_ bytes: [UInt8], _ limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The whole text as one value.
    mutating func document() throws(JSONSyntaxError) -> JSONValue {
        guard bytes.count <= limits.maximumBytes else {
            throw problem("the text has \(bytes.count) bytes, at most \(limits.maximumBytes) are taken")
        }
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw problem("text follows the end of the document") }
        return value
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func value() throws(JSONSyntaxError) -> JSONValue {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONSyntaxError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONSyntaxError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
            return try number()
        case nil: throw problem("the text ends where a value must be")
        default: throw problem("a value must be here")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONSyntaxError) -> JSONValue
    ) throws(JSONSyntaxError) -> JSONValue {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.maximumDepth else {
            throw problem("more than \(limits.maximumDepth) objects and lists inside one another")
        }
        position += 1
        return try body(&self)
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONValue {
        var members = JSONObject()
        var seen: Set<String> = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw problem("a quoted key must be here") }
            let start = position
            let key = try string()
            guard seen.insert(key).inserted else {
                position = start
                throw problem("the key \"\(key)\" occurs twice in one object")
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw problem("a colon must follow the key \"\(key)\"") }
            members.append(key, try value())
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw problem("a comma or the end of the object must be here") }
            return .object(members)
        }
    }

    private mutating func array() throws(JSONSyntaxError) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw problem("a comma or the end of the list must be here") }
            return .array(elements)
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        let start = position
        for expected in "\(text)".utf8 {
            guard take(expected) else {
                position = start
                throw problem("a value must be here: an unquoted word is none")
            }
        }
        return value
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        var isWhole = true
        _ = take(UInt8(ascii: "-"))
        let first = position
        skipDigits()
        guard position > first, position == first + 1 || bytes[first] != UInt8(ascii: "0") else {
            throw problem("a number must not start with a zero or lack digits")
        }
        if take(UInt8(ascii: ".")) {
            isWhole = false
            let digits = position
            skipDigits()
            guard position > digits else { throw problem("digits must follow the point") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            let digits = position
            skipDigits()
            guard position > digits else { throw problem("digits must follow the exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let whole = Int64(text) { return .int(whole) }
        guard let number = Double(text), number.isFinite else {
            position = start
            throw problem("\(text) is beyond what a number can hold")
        }
        return .double(number)
    }

    private mutating func skipDigits() {
        while let digit = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) { position += 1 }
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        var text: [UInt8] = []
        var start = position
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                text.append(contentsOf: bytes[start..<position])
                guard let decoded = String(validating: text, as: UTF8.self) else {
                    throw problem("the string is not valid UTF-8")
                }
                position += 1
                return decoded
            case UInt8(ascii: "\\"):
                text.append(contentsOf: bytes[start..<position])
                position += 1
                try escape(into: &text)
                start = position
            case 0..<0x20: throw problem("a control character must be escaped in a string")
            default: position += 1
            }
        }
        throw problem("the text ends inside a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
        guard let byte = current else { throw problem("the text ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try unicodeEscape()).utf8)
        default:
            position -= 1
            throw problem("there is no such escape in a string")
        }
    }

    /// A `\u` escape, or the surrogate pair that two of them make.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Character {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        guard (0xd800..<0xdc00).contains(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw problem("half a surrogate pair is no character")
        }
        let second = try hexadecimal()
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw problem("half a surrogate pair is no character") }
        return Character(scalar)
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw problem("four digits must follow \\u") }
        let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
        guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let number = UInt32(digits, radix: 16)
        else { throw problem("four hexadecimal digits must follow \\u") }
        position += 4
        return number
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private func problem(_ text: String) -> JSONSyntaxError {
        let before = bytes[..<min(position, bytes.count)]
        let line = before.count { $0 == 0x0a } + 1
        let column = before.count - ((before.lastIndex(of: 0x0a) ?? -1) + 1) + 1
        return JSONSyntaxError(line: line, column: column, problem: text)
    }
}
