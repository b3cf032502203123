/// Reads names and values within one line of a `BlockText`.
struct ScalarScanner {
    private var rest: Substring
    private let line: Int

    init(_ content: Substring, line: Int) {
        rest = content
        self.line = line
    }

    /// `NAME:`
    mutating func name() throws(BlockText.Problem) -> String {
        let name = try key()
        guard rest.first == ":", rest.dropFirst().first.map({ $0 == " " }) ?? true else {
            throw problem("'\(name)' has no value", "write NAME: VALUE, with a blank after the colon")
        }
        rest = rest.dropFirst()
        skipBlanks()
        return name
    }

    /// What follows to the end of the line; nil if that is nothing.
    mutating func value() throws(BlockText.Problem) -> BlockText.Value? {
        guard let character = rest.first, character != "#" else { return nil }
        let value: BlockText.Value =
            switch character {
            case "{": .fields(try flow())
            case "[": .list(try list())
            default: .text(try scalar(inFlow: false))
            }
        let hasBlank = rest.first == " "
        skipBlanks()
        guard rest.isEmpty || (rest.first == "#" && hasBlank) else {
            throw problem(
                "'\(rest.prefix(40))' follows the value", "quote the value as a whole, or write # before a comment")
        }
        return value
    }

    private mutating func flow() throws(BlockText.Problem) -> [BlockText.Field] {
        var fields: [BlockText.Field] = []
        rest = rest.dropFirst()
        skipBlanks()
        while rest.first != "}" {
            let name = try name()
            guard rest.first != "{" else {
                throw problem("'\(name)' is not a single value", "write \(name): VALUE")
            }
            guard !fields.contains(where: { $0.name == name }) else {
                throw problem("'\(name)' is there twice", "remove one of them")
            }
            fields.append(BlockText.Field(name: name, line: line, value: .text(try scalar(inFlow: true))))
            skipBlanks()
            if rest.first == "," {
                rest = rest.dropFirst()
                skipBlanks()
            } else if rest.first != "}" {
                throw problem("a } is missing", "write {NAME: VALUE, NAME: VALUE} on one line")
            }
        }
        rest = rest.dropFirst()
        return fields
    }

    private mutating func list() throws(BlockText.Problem) -> [String] {
        var values: [String] = []
        rest = rest.dropFirst()
        skipBlanks()
        while rest.first != "]" {
            values.append(try scalar(inFlow: true))
            skipBlanks()
            if rest.first == "," {
                rest = rest.dropFirst()
                skipBlanks()
            } else if rest.first != "]" {
                throw problem("a ] is missing", "write [VALUE, VALUE] on one line")
            }
        }
        rest = rest.dropFirst()
        return values
    }

    private mutating func key() throws(BlockText.Problem) -> String {
        if rest.first == "\"" || rest.first == "'" { return try quoted() }
        let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "._/-".contains($0)) }
        guard !word.isEmpty else {
            throw problem("a name is expected, not '\(rest.prefix(40))'", "write NAME: VALUE")
        }
        rest = rest.dropFirst(word.count)
        return String(word)
    }

    private mutating func scalar(inFlow: Bool) throws(BlockText.Problem) -> String {
        guard let first = rest.first else { throw problem("a value is missing", "write NAME: VALUE") }
        if first == "\"" || first == "'" { return try quoted() }
        guard !"[]{}&*!|>%@`,?".contains(first), !rest.hasPrefix("- ") else {
            throw problem(
                "the value begins with '\(first)', which means something else in YAML", "quote it: \"VALUE\"")
        }
        var end = rest.startIndex
        var last = end
        var previous: Character = " "
        while end < rest.endIndex {
            let character = rest[end]
            if character == "#", previous == " " { break }
            if inFlow, ",{}[]".contains(character) { break }
            let next = rest.index(after: end)
            if character == ":", next == rest.endIndex || rest[next] == " " {
                throw problem("the value holds ': '", "quote it: \"VALUE\"")
            }
            if character != " " { last = next }
            previous = character
            end = next
        }
        let text = String(rest[..<last])
        rest = rest[last...]
        return text
    }

    private mutating func quoted() throws(BlockText.Problem) -> String {
        guard let quote = rest.popFirst() else { return "" }
        var text = ""
        while let character = rest.popFirst() {
            if character == quote {
                // In single quotes a quote is written twice.
                guard quote == "'", rest.first == "'" else { return text }
                rest = rest.dropFirst()
                text.append("'")
            } else if character == "\\", quote == "\"" {
                guard let next = rest.popFirst(), next == "\\" || next == "\"" else {
                    throw problem("an escape other than \\\\ and \\\" is in the value", "write the character itself")
                }
                text.append(next)
            } else {
                text.append(character)
            }
        }
        throw problem("a closing \(quote) is missing", "end the value on the same line")
    }

    private mutating func skipBlanks() {
        rest = rest.drop { $0 == " " }
    }

    private func problem(_ problem: String, _ remedy: String) -> BlockText.Problem {
        BlockText.Problem(line: line, problem: problem, remedy: remedy)
    }
}
