import MeshModel

/// Writes a value as block YAML. The same value gives the same text always: keys are sorted, lists are not indented under
/// their key (as kubectl prints them), strings are quoted only when they must be, texts of several lines are literal
/// blocks. Pure.
enum YAMLWriter {
    /// The text of one document, ended by a newline.
    static func text(_ value: JSONValue) -> String {
        var text = ""
        switch value {
        case .object(let members) where !members.isEmpty:
            write(members: value.members, indent: 0, into: &text)
        case .array(let items) where !items.isEmpty:
            write(items: items, indent: 0, into: &text)
        default:
            text = scalar(value, indent: 0) + "\n"
        }
        return text
    }

    private static func write(members: [(name: String, value: JSONValue)], indent: Int, into text: inout String) {
        let margin = String(repeating: " ", count: indent)
        for (position, member) in members.sorted(by: { $0.name < $1.name }).enumerated() {
            // The first member of a list's item follows the dash on its line.
            let lead = position == 0 && text.hasSuffix("- ") ? "" : margin
            text += lead + key(member.name) + ":"
            write(nested: member.value, indent: indent, listIndent: indent, into: &text)
        }
    }

    private static func write(items: [JSONValue], indent: Int, into text: inout String) {
        let margin = String(repeating: " ", count: indent)
        for item in items {
            // The first item of a list in a list follows the outer dash on its line.
            text += (text.hasSuffix("- ") ? "" : margin) + "- "
            switch item {
            case .object(let members) where !members.isEmpty:
                write(members: item.members, indent: indent + 2, into: &text)
            case .array(let nested) where !nested.isEmpty:
                write(items: nested, indent: indent + 2, into: &text)
            default:
                text += scalar(item, indent: indent) + "\n"
            }
        }
    }

    private static func write(nested value: JSONValue, indent: Int, listIndent: Int, into text: inout String) {
        switch value {
        case .object(let members) where !members.isEmpty:
            text += "\n"
            write(members: value.members, indent: indent + 2, into: &text)
        case .array(let items) where !items.isEmpty:
            text += "\n"
            write(items: items, indent: listIndent, into: &text)
        default:
            text += " " + scalar(value, indent: indent) + "\n"
        }
    }

    private static func key(_ name: String) -> String {
        YAMLScalar.needsQuotes(name) || name.contains(":") ? quoted(name) : name
    }

    private static func scalar(_ value: JSONValue, indent: Int) -> String {
        switch value {
        case .string(let string): self.string(string, indent: indent)
        case .array: "[]"
        case .object: "{}"
        default: value.compactText
        }
    }

    private static func string(_ string: String, indent: Int) -> String {
        if isBlock(string) { return block(string, indent: indent) }
        return YAMLScalar.needsQuotes(string) ? quoted(string) : string
    }

    /// Several lines without control characters, whose first line does not begin with a blank.
    private static func isBlock(_ string: String) -> Bool {
        guard string.contains("\n"), let first = string.first, first != " ", first != "\n" else { return false }
        return string.unicodeScalars.allSatisfy { $0 == "\n" || !YAMLScalar.isControl($0) }
    }

    private static func block(_ string: String, indent: Int) -> String {
        var lines = string.split(separator: "\n", omittingEmptySubsequences: false)
        let mark: String
        if string.hasSuffix("\n\n") {
            mark = "|+"
            lines.removeLast()
        } else if string.hasSuffix("\n") {
            mark = "|"
            lines.removeLast()
        } else {
            mark = "|-"
        }
        let margin = String(repeating: " ", count: indent + 2)
        return ([mark] + lines.map { $0.isEmpty ? "" : margin + $0 }).joined(separator: "\n")
    }

    /// A double-quoted string: JSON's form, which YAML reads alike but for the characters that YAML takes as line breaks or
    /// cannot show.
    private static func quoted(_ string: String) -> String {
        var text = ""
        for scalar in JSONValue.string(string).compactText.unicodeScalars {
            switch scalar.value {
            case 0x7F, 0x85, 0x2028, 0x2029, 0xFEFF:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
