/// Keys that stand twice in one object. YAML forbids them and Yams refuses them, but Kubernetes takes the last one, and documents
/// that people copy have them. So the earlier ones are given names that no document has, and the document is read again; who
/// converts it leaves those out and says so. Pure.
enum RepeatedKeys {
    /// How many are marked in one file before it is refused as it is; each costs one more reading of the file.
    static let most = 64

    /// A private-use character, which begins and ends what is put before a key.
    private static let mark: Character = "\u{E000}"

    /// `text` with the key at `line` and `column` (both from 1) given a name of its own, the `number`-th; nil where that cannot
    /// be done safely.
    static func marking(_ text: String, line: Int, column: Int, number: Int) -> String? {
        guard number > 0 || !text.contains(mark) else { return nil }
        var scalars = text.unicodeScalars[...]
        for _ in 1..<max(line, 1) {
            guard let end = scalars.firstIndex(of: "\n") else { return nil }
            scalars = scalars[scalars.index(after: end)...]
        }
        guard column > 0,
            var place = scalars.index(scalars.startIndex, offsetBy: column - 1, limitedBy: scalars.endIndex),
            let first = scalars[place...].first
        else { return nil }
        // An anchor, an alias or a tag before the key would take the name in.
        guard !["&", "*", "!", "?"].contains(first) else { return nil }
        if first == "\"" || first == "'" { place = scalars.index(after: place) }
        return String(text[..<place]) + "\(mark)\(number)\(mark)" + String(text[place...])
    }

    /// The key that a name of its own was given to; nil for any other name.
    static func original(_ name: String) -> String? {
        guard name.first == mark, let end = name.dropFirst().firstIndex(of: mark) else { return nil }
        return String(name[name.index(after: end)...])
    }
}
