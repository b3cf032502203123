import MeshModel

/// What the words after a verb name: `KIND`, `KIND NAME...`, `KIND,KIND` or `KIND/NAME...`.
struct ResourceArguments: Equatable, Sendable {
    /// A kind and, unless all of its objects are meant, one name.
    struct Item: Equatable, Sendable {
        let kind: ResourceKind
        let name: String?
    }

    let items: [Item]

    init(_ words: [String]) throws(CommandFailure) {
        guard let first = words.first else {
            throw CommandFailure(
                "no kind given", next: "name one, such as services, or all: ambitctl get services", status: .usage)
        }
        if words.contains(where: { $0.contains("/") }) {
            var items: [Item] = []
            for word in words {
                let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 2, !parts[1].isEmpty else {
                    throw CommandFailure(
                        "\"\(word)\" is not KIND/NAME", next: "write every one as KIND/NAME, or KIND NAME...",
                        status: .usage)
                }
                items.append(Item(kind: try KindNames.kind(parts[0]), name: parts[1]))
            }
            self.items = items
            return
        }
        let kinds = try KindNames.kinds(first)
        let names = words.dropFirst()
        if names.isEmpty {
            items = kinds.map { Item(kind: $0, name: nil) }
        } else if kinds.count == 1 {
            items = names.map { Item(kind: kinds[0], name: $0) }
        } else {
            throw CommandFailure(
                "a name needs one kind, not \(kinds.count)", next: "write KIND/NAME KIND/NAME...", status: .usage)
        }
    }
}
