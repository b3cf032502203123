import MeshModel

/// The words for kinds on the command line: plural, singular, short, qualified by group, in any case; lists; `all`.
enum KindNames {
    /// What `all` stands for: everything that people write, without namespaces, accounts and secrets.
    private static let withoutAll: Set<String> = ["Namespace", "ServiceAccount", "Secret"]

    /// The kinds that a word names, in its order.
    static func kinds(_ words: String) throws(CommandFailure) -> [ResourceKind] {
        var kinds: [ResourceKind] = []
        for word in words.split(separator: ",", omittingEmptySubsequences: false) {
            let named =
                word.lowercased() == "all"
                ? ResourceKind.allCases.filter { !withoutAll.contains($0.kind) } : [try kind(String(word))]
            kinds += named.filter { !kinds.contains($0) }
        }
        return kinds
    }

    /// The one kind that a word names.
    static func kind(_ word: String) throws(CommandFailure) -> ResourceKind {
        let wanted = word.lowercased()
        let found = ResourceKind.allCases.first { kind in
            let names = [kind.singular, kind.plural] + kind.shortNames
            return names.contains(wanted) || (!kind.group.isEmpty && names.contains { wanted == "\($0).\(kind.group)" })
        }
        guard let found else {
            let known = ResourceKind.allCases.map { kind in
                kind.shortNames.first.map { "\(kind.plural) (\($0))" } ?? kind.plural
            }
            throw CommandFailure(
                "there is no kind \"\(word)\"", next: "choose one of: \(known.joined(separator: ", "))",
                status: .usage)
        }
        return found
    }
}
