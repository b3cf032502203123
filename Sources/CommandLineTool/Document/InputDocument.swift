import MeshModel

/// One YAML or JSON document as it was given to a command: where it came from, its value, and where each field stands.
struct InputDocument: Sendable {
    /// The file's path as it was named, or `-` for standard input.
    let source: String
    let value: JSONValue
    /// What reading it left out.
    let warnings: [DocumentProblem]
    private let lines: SourceMap
    /// Where the value is inside the document that `lines` describes; an item of a list has a path of its own.
    private let base: FieldPath

    init(
        source: String, value: JSONValue, lines: SourceMap, base: FieldPath = .root, warnings: [DocumentProblem] = []
    ) {
        self.warnings = warnings
        self.source = source
        self.value = value
        self.lines = lines
        self.base = base
    }

    /// Where a field of the value stands in the file.
    func position(of path: FieldPath) -> SourceMap.Position? {
        lines.position(of: base.appending(path))
    }

    /// The same place in the same file, for an item of this document.
    func item(_ value: JSONValue, at path: FieldPath) -> InputDocument {
        InputDocument(source: source, value: value, lines: lines, base: base.appending(path))
    }

    /// A problem of one of the value's fields.
    func problem(
        _ path: FieldPath, value: String?, _ problem: String, _ remedy: String?
    ) -> DocumentProblem {
        let whole = base.appending(path)
        return DocumentProblem(
            source: source, line: position(of: path)?.line, path: whole == .root ? nil : whole.description,
            value: value, problem: problem, remedy: remedy)
    }
}
