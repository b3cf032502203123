/// The two forms of a log line (Z 8.2, `LOG_FORMAT`).
package enum LogFormat: Sendable, Hashable {
    /// Tab-separated: time, level, target, message, `key=value` pairs.
    case plain
    /// One JSON object with level, time, scope, message and the fields.
    case json

    /// One line, without the newline. `time` is in microseconds since 1970.
    package func line(
        time: UInt64, level: LogLevel, target: String, message: String, fields: LogFields = LogFields()
    ) -> String {
        switch self {
        case .plain: plain(time, level, target, message, fields)
        case .json: json(time, level, target, message, fields)
        }
    }

    private func plain(
        _ time: UInt64, _ level: LogLevel, _ target: String, _ message: String, _ fields: LogFields
    ) -> String {
        var line = "\(Timestamp.text(time))\t\(level.name)\t\(target)\t"
        // A message is one field of one line, whatever a peer wrote into it.
        line.appendJSONEscapedKeepingQuotes(message)
        guard !fields.pairs.isEmpty else { return line }
        line += "\t"
        for (position, pair) in fields.pairs.enumerated() {
            if position > 0 { line += " " }
            line += pair.key
            line += "="
            switch pair.value {
            case .string(let text):
                line += "\""
                line.appendJSONEscaped(text)
                line += "\""
            case .word(let text): line += text
            case .integer(let number): line += String(number)
            case .null: line += "-"
            }
        }
        return line
    }

    private func json(
        _ time: UInt64, _ level: LogLevel, _ target: String, _ message: String, _ fields: LogFields
    ) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("level", level.name)
        writer.field("time", Timestamp.text(time))
        writer.field("scope", target)
        writer.field("message", message)
        for (key, value) in fields.pairs {
            switch value {
            case .string(let text), .word(let text): writer.field(key, text)
            case .integer(let number): writer.field(key, number)
            case .null:
                writer.key(key)
                writer.null()
            }
        }
        writer.endObject()
        return writer.text
    }
}

extension String {
    /// Appends a message with control characters escaped; quotes and backslashes stay as they are.
    fileprivate mutating func appendJSONEscapedKeepingQuotes(_ message: String) {
        guard message.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            self += message
            return
        }
        for character in message {
            if character == "\"" || character == "\\" {
                append(character)
            } else {
                appendJSONEscaped(String(character))
            }
        }
    }
}
