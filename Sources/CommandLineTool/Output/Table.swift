/// Columns of text under headings in capitals, as kubectl prints them: two or more spaces between columns, no trailing
/// blanks, nothing in front. Pure; rows shorter than the headings are filled up.
struct Table: Equatable, Sendable {
    /// Headings, printed as they are.
    var headings: [String]
    /// Cells, by row; an empty cell is printed as `-` so that columns can be cut by scripts.
    var rows: [[String]]

    init(_ headings: [String], rows: [[String]] = []) {
        self.headings = headings
        self.rows = rows
    }

    /// Blanks between two columns.
    private static let gap = 3

    /// The whole table, one line a row, each ended by a newline.
    func text(includingHeadings: Bool = true) -> String {
        let widths = columnWidths
        var text = includingHeadings ? Self.line(headings, widths: widths) : ""
        for row in rows {
            text += Self.line(row, widths: widths)
        }
        return text
    }

    /// The width of each column, for rows that follow later (watch).
    var columnWidths: [Int] {
        headings.indices.map { column in
            ([headings] + rows).map { column < $0.count ? max($0[column].count, 1) : 1 }.max() ?? 1
        }
    }

    /// One row in given widths; a cell that is wider pushes the others.
    static func line(_ cells: [String], widths: [Int]) -> String {
        var line = ""
        for (column, width) in widths.enumerated() {
            let cell = column < cells.count && !cells[column].isEmpty ? cells[column] : "-"
            line += cell
            if column < widths.count - 1 {
                line += String(repeating: " ", count: max(width - cell.count, 0) + gap)
            }
        }
        return line + "\n"
    }

    /// The same table with another column in front.
    func prefixed(by heading: String, cells: [String]) -> Table {
        Table([heading] + headings, rows: zip(cells, rows).map { [$0] + $1 })
    }
}
