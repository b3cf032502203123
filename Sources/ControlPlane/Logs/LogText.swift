/// Text from peers and users as it may stand in a log. Pure.
package enum LogText {
    /// The most bytes of one message; longer ones are cut, with the number of bytes that were left out.
    static let longest = 8_192

    /// The text on one line, with everything that a terminal or a log reader could take for something else written as an
    /// escape: control characters, line and paragraph separators, and the characters that turn the direction of text.
    ///
    /// A backslash is escaped too, so that an escape in the log cannot have been written by a peer.
    package static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            guard result.utf8.count < longest else {
                return result + "... (\(text.utf8.count) bytes in all)"
            }
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\\": result += "\\\\"
            default:
                if isHarmless(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += "\\u{" + String(scalar.value, radix: 16) + "}"
                }
            }
        }
        return result
    }

    /// A value of a `key=value` line: as it is where that is one plain word, else in quotes.
    package static func value(_ text: String) -> String {
        let isWord =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0 != "\\"
            }
        return isWord ? text : "\"" + text.replacing("\"", with: "'") + "\""
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }
}
