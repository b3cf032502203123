import MeshModel

/// Prints resources in the format asked for.
struct ResourcePrinter: Sendable {
    let format: OutputFormat
    let includesHeadings: Bool
    /// Whether tables say which namespace an object is in.
    let includesNamespace: Bool
    let terminal: Terminal

    init(format: OutputFormat, includesHeadings: Bool, includesNamespace: Bool, terminal: Terminal) {
        self.format = format
        self.includesHeadings = includesHeadings
        self.includesNamespace = includesNamespace
        self.terminal = terminal
    }

    /// Prints all lists. A single named object is printed as itself; others as a `List`. Tables of several kinds are
    /// parted by an empty line and name the kind before each name.
    func print(_ lists: [ResourceQuery.List], isSingle: Bool, namespace: String?) {
        let objects = lists.flatMap(\.objects)
        switch format {
        case .json, .yaml:
            let shown = objects.map(Self.withoutBookkeeping)
            let value = isSingle && shown.count == 1 ? shown[0] : Self.list(shown)
            terminal.write(format.text(value) ?? "")
        case .name:
            lists.forEach { list in list.objects.forEach { printOne(list.kind, $0) } }
        case .table, .wide, .short:
            guard !objects.isEmpty else {
                let isNamespaced = lists.contains { $0.kind.isNamespaced }
                let place = isNamespaced ? namespace.map { " in namespace \"\($0)\"" } ?? " in any namespace" : ""
                terminal.printErrorLine("No resources found\(place).")
                return
            }
            let tables = lists.filter { !$0.objects.isEmpty }.map { list in
                table(list.kind, list.objects, namesKind: lists.count > 1)
            }
            terminal.write(tables.map { $0.text(includingHeadings: includesHeadings) }.joined(separator: "\n"))
        }
    }

    /// Prints one object of a stream.
    func printOne(_ kind: ResourceKind, _ object: JSONValue) {
        switch format {
        case .json: terminal.write(format.text(Self.withoutBookkeeping(object)) ?? "")
        case .yaml: terminal.write("---\n" + (format.text(Self.withoutBookkeeping(object)) ?? ""))
        default: terminal.printLine("\(kind.singular)/\(object["metadata"]?["name"]?.asString ?? "")")
        }
    }

    /// The table of a kind's objects, sorted by namespace and name.
    func table(_ kind: ResourceKind, _ objects: [JSONValue], namesKind: Bool = false) -> Table {
        let sorted = objects.sorted { Self.order($0).lexicographicallyPrecedes(Self.order($1)) }
        var table = ResourceColumns.table(kind, sorted, wide: format == .wide, now: terminal.now())
        if namesKind {
            table.rows = table.rows.map { row in ["\(kind.singular)/\(row.first ?? "")"] + row.dropFirst() }
        }
        guard includesNamespace, kind.isNamespaced else { return table }
        return table.prefixed(by: "NAMESPACE", cells: sorted.map { $0["metadata"]?["namespace"]?.asString ?? "" })
    }

    private static func order(_ object: JSONValue) -> [String] {
        ["namespace", "name"].map { object["metadata"]?[$0]?.asString ?? "" }
    }

    private static func list(_ objects: [JSONValue]) -> JSONValue {
        JSONValue(members: [("apiVersion", .string("v1")), ("kind", .string("List")), ("items", .array(objects))])
    }

    /// The object without the record of who set which field, which nobody reads.
    private static func withoutBookkeeping(_ object: JSONValue) -> JSONValue {
        JSONValue(
            members: object.members.map { member in
                guard member.name == "metadata" else { return member }
                return ("metadata", JSONValue(members: member.value.members.filter { $0.name != "managedFields" }))
            })
    }
}
