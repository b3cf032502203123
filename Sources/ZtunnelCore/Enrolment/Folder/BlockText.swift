/// A text in the part of YAML that an administrator's files need, read into documents of names and values.
///
/// Accepted: documents between `---`, `name: value` lines, one level of names below a name (indented, or `{a: b, c: d}` on its
/// line), lists on their line (`[a, b]`), plain, 'single' and "double" quoted values, comments. Everything else of YAML (lists in
/// lines, anchors, block scalars, tags, deeper nesting) is refused by line, never guessed at. All values are texts. Pure; bounded
/// by the text's length.
struct BlockText: Equatable {
    /// A value, and where it is.
    struct Field: Equatable {
        let name: String
        let line: Int
        let value: Value
    }

    /// What a name stands for.
    indirect enum Value: Equatable {
        case text(String)
        case fields([Field])
        case list([String])
    }

    /// What cannot be read: the line, and what would be right there.
    struct Problem: Error, Equatable {
        let line: Int
        let problem: String
        let remedy: String
    }

    /// One document: its fields, and the line where it begins.
    struct Document: Equatable {
        var line: Int
        var fields: [Field]
    }

    /// The documents that hold anything.
    let documents: [Document]

    /// Reads a text.
    init(_ bytes: [UInt8]) throws(Problem) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(line: 1, problem: "the file is not UTF-8", remedy: "save it as UTF-8")
        }
        var reader = BlockReader()
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            try reader.take(line, number)
        }
        documents = reader.finish()
    }
}
