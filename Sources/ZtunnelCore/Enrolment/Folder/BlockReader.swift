/// Takes the lines of a `BlockText` one by one.
struct BlockReader {
    private typealias Problem = BlockText.Problem

    private var documents: [BlockText.Document] = []
    private var fields: [BlockText.Field] = []
    private var first = 1
    /// A name without a value on its line: what is indented below it belongs to it.
    private var open: (name: String, line: Int, indent: Int?, fields: [BlockText.Field])?

    /// Reads one line.
    mutating func take(_ line: Substring, _ number: Int) throws(BlockText.Problem) {
        let content = line.drop { $0 == " " }
        let indent = line.count - content.count
        guard let character = content.first, character != "#" else { return }
        guard character != "\t" else {
            throw Problem(line: number, problem: "a tab begins the line", remedy: "indent with blanks")
        }
        if indent == 0, Self.isMarker(line, "---") || Self.isMarker(line, "...") { return endDocument(number) }
        guard line.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
            throw Problem(line: number, problem: "the line holds a control character", remedy: "remove it")
        }
        guard !content.hasPrefix("- "), content != "-" else {
            throw Problem(
                line: number, problem: "the line begins with -",
                remedy: "write NAME: VALUE, or NAME: [VALUE, VALUE] where a list is meant")
        }
        var scanner = ScalarScanner(content, line: number)
        let name = try scanner.name()
        let value = try scanner.value()
        try place(BlockText.Field(name: name, line: number, value: value ?? .text("")), hasValue: value != nil, indent)
    }

    /// The documents.
    consuming func finish() -> [BlockText.Document] {
        endDocument(0)
        return documents
    }

    private mutating func place(
        _ field: BlockText.Field, hasValue: Bool, _ indent: Int
    ) throws(BlockText.Problem) {
        if indent == 0 {
            close()
            try Self.refuseDouble(field, fields)
            if hasValue { fields.append(field) } else { open = (field.name, field.line, nil, []) }
            return
        }
        guard var parent = open else {
            throw Problem(
                line: field.line, problem: "'\(field.name)' is indented, but no name above it is open",
                remedy: "begin it at the left margin")
        }
        guard parent.indent == nil || parent.indent == indent else {
            throw Problem(
                line: field.line, problem: "'\(field.name)' is indented by \(indent), the line above it otherwise",
                remedy: "indent all names below '\(parent.name)' by the same number of blanks")
        }
        guard hasValue, case .text = field.value else {
            throw Problem(
                line: field.line, problem: "'\(field.name)' below '\(parent.name)' is not a single value",
                remedy: "write \(field.name): VALUE")
        }
        try Self.refuseDouble(field, parent.fields)
        parent.indent = indent
        parent.fields.append(field)
        open = parent
    }

    private mutating func close() {
        guard let parent = open else { return }
        let value: BlockText.Value = parent.fields.isEmpty ? .text("") : .fields(parent.fields)
        fields.append(BlockText.Field(name: parent.name, line: parent.line, value: value))
        open = nil
    }

    private mutating func endDocument(_ number: Int) {
        close()
        if !fields.isEmpty { documents.append(BlockText.Document(line: first, fields: fields)) }
        fields = []
        first = number + 1
    }

    private static func refuseDouble(
        _ field: BlockText.Field, _ others: [BlockText.Field]
    ) throws(BlockText.Problem) {
        guard let other = others.first(where: { $0.name == field.name }) else { return }
        throw BlockText.Problem(
            line: field.line, problem: "'\(field.name)' is there twice, first in line \(other.line)",
            remedy: "remove one of them, or put --- between two documents")
    }

    private static func isMarker(_ line: Substring, _ marker: String) -> Bool {
        guard line.hasPrefix(marker) else { return false }
        let rest = line.dropFirst(marker.count).drop { $0 == " " }
        return rest.isEmpty || rest.first == "#"
    }
}
