extension JSONValue {
    /// Parses a JSON text; throws where it is wrong. Never recurses deeper than `limits.maximumDepth`.
    package init(parsing bytes: some Sequence<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONSyntaxError) {
        var parser = JSONParser(Array(bytes), limits)
        self = try parser.document()
    }

    /// The shortest text of this value; members keep their order.
    package var compactText: String {
        var text = ""
        write(into: &text, indentation: nil, depth: 0)
        return text
    }

    /// A text of this value with two spaces a level, as people read it.
    package var prettyText: String {
        var text = ""
        write(into: &text, indentation: 2, depth: 0)
        return text
    }

    private func write(into text: inout String, indentation: Int?, depth: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .int(let number): text += String(number)
        case .double(let number): text += Self.text(of: number)
        case .string(let string): Self.quote(string, into: &text)
        case .array(let elements):
            Self.write(elements, ("[", "]"), into: &text, indentation, depth) { element, text in
                element.write(into: &text, indentation: indentation, depth: depth + 1)
            }
        case .object(let object):
            Self.write(object.list, ("{", "}"), into: &text, indentation, depth) { member, text in
                Self.quote(member.0, into: &text)
                text += indentation == nil ? ":" : ": "
                member.1.write(into: &text, indentation: indentation, depth: depth + 1)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], _ brackets: (String, String), into text: inout String, _ indentation: Int?, _ depth: Int,
        _ writeOne: (Element, inout String) -> Void
    ) {
        text += brackets.0
        for (place, element) in elements.enumerated() {
            if place > 0 { text += "," }
            if let indentation { text += "\n" + String(repeating: " ", count: indentation * (depth + 1)) }
            writeOne(element, &text)
        }
        if let indentation, !elements.isEmpty { text += "\n" + String(repeating: " ", count: indentation * depth) }
        text += brackets.1
    }

    /// A whole double keeps its `.0`, so that it is read back as one; what JSON has no text for becomes null.
    private static func text(of number: Double) -> String {
        number.isFinite ? "\(number)" : "null"
    }

    private static func quote(_ string: String, into text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
