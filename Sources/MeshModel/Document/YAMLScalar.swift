/// The YAML 1.2 core schema (section 10.3.2): what an unquoted word means, and whether a string must be quoted so that it
/// is read back as a string, by this schema or by the older one of YAML 1.1 that other programs use. Pure.
package enum YAMLScalar {
    /// The value of an unquoted word.
    package static func value(_ word: String) -> JSONValue {
        switch word {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: return number(word) ?? .string(word)
        }
    }

    private static func number(_ word: String) -> JSONValue? {
        guard let first = word.utf8.first, isNumeric(first) else { return nil }
        if word.hasPrefix("0x") {
            return hexadecimalOrOctal(word.dropFirst(2), radix: 16)
        }
        if word.hasPrefix("0o") {
            return hexadecimalOrOctal(word.dropFirst(2), radix: 8)
        }
        let allowed = word.utf8.allSatisfy { isNumeric($0) || $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
        guard allowed, word.utf8.contains(where: isDigit) else { return nil }
        if let integer = Int64(word) { return .int(integer) }
        guard let double = Double(word), double.isFinite else { return nil }
        return .double(double)
    }

    private static func hexadecimalOrOctal(_ digits: Substring, radix: Int) -> JSONValue? {
        guard let first = digits.first, first != "-", first != "+" else { return nil }
        return Int64(digits, radix: radix).map { .int($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || [UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ".")].contains(byte)
    }

    /// Words that YAML 1.1 reads as something else than a string.
    private static let olderKeywords: Set<String> = ["y", "n", "yes", "no", "on", "off", "<<", "="]

    /// Whether a string must be quoted to stay a string.
    package static func needsQuotes(_ string: String) -> Bool {
        guard let first = string.unicodeScalars.first, let last = string.unicodeScalars.last else { return true }
        if case .string = value(string) {} else { return true }
        if olderKeywords.contains(string.lowercased()) || looksNumeric(string) { return true }
        if first == " " || last == " " || last == ":" { return true }
        if "-?:,[]{}#&*!|>'\"%@`".unicodeScalars.contains(first), !isHarmlessStart(string) { return true }
        if string == "---" || string.hasPrefix("--- ") || string == "..." { return true }
        return string.contains(": ") || string.contains(" #") || string.unicodeScalars.contains(where: isControl)
    }

    /// `-x`, `?x` and `:x` are plain words (paths, flags); `- x` and a lone `-` are not.
    private static func isHarmlessStart(_ string: String) -> Bool {
        guard let first = string.first, "-?:".contains(first), let second = string.dropFirst().first else {
            return false
        }
        return second != " " && second != "-"
    }

    /// Numbers and times of YAML 1.1: `0755`, `1_000`, `10:30`, `2026-01-01`, `.inf`.
    private static func looksNumeric(_ string: String) -> Bool {
        if [".inf", "-.inf", "+.inf", ".nan"].contains(string.lowercased()) { return true }
        guard let first = string.utf8.first, isNumeric(first) else { return false }
        let body = string.utf8.allSatisfy {
            isNumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "T")
                || $0 == UInt8(ascii: "Z") || $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E")
        }
        // An IPv4 address has two dots or more and is a string in every schema.
        return body && string.utf8.filter { $0 == UInt8(ascii: ".") }.count < 2
    }

    /// Characters that a plain word or a block cannot hold: C0 and DEL, and YAML's other line breaks.
    package static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || scalar.value == 0x7F || scalar.value == 0x85 || scalar.value == 0xFEFF
            || (0x2028...0x2029).contains(scalar.value)
    }
}
