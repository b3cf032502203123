/// Something wrong with a document, to be printed as `file:line: field: value: problem; remedy`; parts that are not known
/// are left out.
struct DocumentProblem: Error, Equatable, Sendable {
    var source: String
    var line: Int?
    var column: Int?
    var path: String?
    var value: String?
    var problem: String
    var remedy: String?

    init(
        source: String, line: Int? = nil, column: Int? = nil, path: String? = nil, value: String? = nil,
        problem: String, remedy: String? = nil
    ) {
        self.source = source
        self.line = line
        self.column = column
        self.path = path
        self.value = value
        self.problem = problem
        self.remedy = remedy
    }

    /// The longest value that is repeated in a message, in characters.
    private static let maximumQuotedValue = 80

    /// The whole line.
    var text: String {
        let place = [source, line.map(String.init), column.map(String.init)].compactMap { $0 }.joined(separator: ":")
        let quoted = value.map { value in
            value.count > Self.maximumQuotedValue ? value.prefix(Self.maximumQuotedValue) + "..." : value
        }
        let parts = [place, path.flatMap { $0.isEmpty ? nil : $0 }, quoted, problem].compactMap { $0 }
        return parts.joined(separator: ": ") + (remedy.map { "; \($0)" } ?? "")
    }
}
