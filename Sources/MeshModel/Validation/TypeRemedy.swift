/// What to write instead of a value of the wrong type, as it would be right where it stands. Pure.
enum TypeRemedy {
    /// The remedy for `value` where `expected` is, an object that `shorthand` is about, if it has one.
    static func text(_ value: JSONValue, not expected: String, _ shorthand: Shorthand? = nil) -> String {
        let found: String? =
            switch expected {
            case "a string": plain(value)
            case "a whole number", "a number": number(value)
            case "a boolean": boolean(value)
            case "an object": shorthand?.remedy(value)
            case "an object of strings": labels(value)
            case "a list of objects": listOfObjects(value, shorthand)
            case "a list of strings", "a list of numbers": list(value, ofStrings: expected == "a list of strings")
            default: nil
            }
        return found ?? "write \(expected)"
    }

    /// The whole number that a text begins with, where only a unit or a percent sign follows: `50%`.
    static func number(in text: String) -> String? {
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let rest = text.dropFirst(digits.count).drop { $0 == " " }
        guard Double(digits) != nil, rest.isEmpty || rest == "%" else { return nil }
        return String(digits)
    }

    private static func plain(_ value: JSONValue) -> String? {
        switch value {
        case .int, .double, .bool: return "put it in quotes"
        case .array(let elements) where elements.count == 1:
            return elements[0].asString.map { "write \(JSONValue.string($0).compactText), without the brackets" }
        default: return nil
        }
    }

    private static func number(_ value: JSONValue) -> String? {
        if case .object(let object) = value, object.list.count == 1, let inner = object.list.first?.1.asInt {
            return "write \(inner)"
        }
        guard case .string(let text) = value, let number = number(in: text) else { return nil }
        return number == text ? "remove the quotes" : "write \(number)"
    }

    private static func boolean(_ value: JSONValue) -> String? {
        guard case .string(let text) = value else { return nil }
        if text == "true" || text == "false" { return "remove the quotes" }
        return ["yes": "true", "on": "true", "no": "false", "off": "false"][text.lowercased()].map { "write \($0)" }
    }

    /// Labels as commands take them, `app=web,tier=gold`.
    private static func labels(_ value: JSONValue) -> String? {
        guard case .string(let text) = value else { return nil }
        let pairs = text.split(whereSeparator: isBetween).map {
            $0.split(separator: "=", omittingEmptySubsequences: false)
        }
        guard !pairs.isEmpty, pairs.allSatisfy({ $0.count == 2 && !$0[0].isEmpty }) else {
            return "write an object such as {app: web}"
        }
        let members = pairs.map { "\($0[0]): \(JSONValue.string(String($0[1])).compactText)" }
        return "write {\(members.joined(separator: ", "))}"
    }

    private static func isBetween(_ character: Character) -> Bool { character == "," || character == " " }

    private static func listOfObjects(_ value: JSONValue, _ shorthand: Shorthand?) -> String? {
        if case .object(let object) = value {
            // An object without what each entry is told by has the entries by their names.
            guard let member = shorthand?.member, object[member] == nil, !object.isEmpty else {
                return "make it a list of one: put '- ' before its first line"
            }
            return "write a list, each entry with \(member)"
        }
        return shorthand?.example(value).map { "write [\($0)]" }
    }

    private static func list(_ value: JSONValue, ofStrings: Bool) -> String? {
        switch value {
        case .string(let text) where ofStrings:
            let parts = text.split(whereSeparator: isBetween).map { JSONValue.string(String($0)).compactText }
            return "write [\(parts.joined(separator: ", "))]"
        case .int, .double: return ofStrings ? "write [\"\(value.compactText)\"]" : "write [\(value.compactText)]"
        case .string(let text): return number(in: text).map { "write [\($0)]" }
        default: return nil
        }
    }
}
