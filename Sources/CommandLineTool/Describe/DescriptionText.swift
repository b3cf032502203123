/// The text of a description: facts under each other, tables indented under their title, lists. Pure.
struct DescriptionText: Sendable {
    /// Where the values of facts begin.
    private static let valueColumn = 15

    private(set) var text = ""

    init() {}

    /// `Title:   value`; `-` without a value.
    mutating func fact(_ title: String, _ value: String?) {
        let label = "\(title):"
        let blanks = String(repeating: " ", count: max(Self.valueColumn - label.count, 1))
        text += label + blanks + (value.flatMap { $0.isEmpty ? nil : $0 } ?? "-") + "\n"
    }

    /// `Title:` and a table under it; `none` (and the reason) for an empty one.
    mutating func table(_ title: String, _ table: Table, whenEmpty: String = "none") {
        guard !table.rows.isEmpty else {
            fact(title, whenEmpty)
            return
        }
        text += "\(title):\n" + Self.indented(table.text())
    }

    /// `Title:` and one line for each text; nothing for none.
    mutating func list(_ title: String, _ lines: [String]) {
        guard !lines.isEmpty else { return }
        text += "\(title):\n" + lines.map { "  - \($0)\n" }.joined()
    }

    /// `Title:` and indented lines.
    mutating func block(_ title: String, _ lines: String) {
        text += "\(title):\n" + Self.indented(lines)
    }

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "\n" : "  \($0)\n" }
            .dropLast().joined()
    }
}
