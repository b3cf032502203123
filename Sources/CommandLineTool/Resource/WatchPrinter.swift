import MeshModel

/// Prints what `get --watch` sees. Holds the widths of the first table, so that later rows stand under its headings.
struct WatchPrinter {
    private let kind: ResourceKind
    private let printer: ResourcePrinter
    private var widths: [Int]?

    init(kind: ResourceKind, printer: ResourcePrinter) {
        self.kind = kind
        self.printer = printer
    }

    /// The objects that there are at the start.
    mutating func list(_ objects: [JSONValue]) {
        guard printer.format.isTable else {
            objects.forEach { printer.printOne(kind, $0) }
            return
        }
        let table = printer.table(kind, objects)
        let isFirst = widths == nil
        widths = widths ?? table.columnWidths
        printer.terminal.write(table.text(includingHeadings: isFirst && printer.includesHeadings))
    }

    /// One change, by its Kubernetes name; a deleted object is shown as it last was.
    mutating func change(_ type: String, _ object: JSONValue) {
        guard printer.format.isTable else {
            printer.printOne(kind, object)
            return
        }
        let table = printer.table(kind, [object])
        let suffix = type == "DELETED" ? "   (deleted)" : ""
        for row in table.rows {
            let line = Table.line(row, widths: widths ?? table.columnWidths)
            printer.terminal.write(line.dropLast() + suffix + "\n")
        }
    }
}
