/// Reads typed values out of environment variables and collects what is wrong with them.
///
/// Pure: the variables are an argument. Reading goes on after a problem, so that an administrator sees all of them at once.
package struct EnvironmentReader {
    private let variables: [String: String]
    /// What is wrong so far, one text a variable.
    package private(set) var problems: [String] = []
    /// The names that were asked for; others with one of our prefixes are somebody's typing error.
    package private(set) var known: Set<String> = []

    /// Reads from `variables`.
    package init(_ variables: [String: String]) {
        self.variables = variables
    }

    /// The value, nil when it is unset; an empty one counts as set only where `emptyCounts`.
    package mutating func text(_ name: String, emptyCounts: Bool = false) -> String? {
        known.insert(name)
        guard let value = variables[name], emptyCounts || !value.isEmpty else { return nil }
        return value
    }

    /// true, false, 1 or 0.
    package mutating func flag(_ name: String, default value: Bool) -> Bool {
        parsed(name, wants: "true or false", default: value) { text in
            switch text {
            case "true", "1": true
            case "false", "0": false
            default: nil
            }
        }
    }

    /// A whole number within bounds.
    package mutating func number(_ name: String, in range: ClosedRange<Int>, default value: Int) -> Int {
        parsed(name, wants: "a whole number from \(range.lowerBound) to \(range.upperBound)", default: value) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A duration within bounds.
    package mutating func duration(_ name: String, in range: ClosedRange<Duration>, default value: Duration) -> Duration
    {
        let wants =
            "a duration from \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound)), "
            + "such as 150ms, 5s, 5m or 1h30m"
        return parsed(name, wants: wants, default: value) { text in
            DurationText.parse(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// One of a closed set of words.
    package mutating func choice<Value>(_ name: String, _ choices: KeyValuePairs<String, Value>, default value: Value)
        -> Value
    {
        parsed(name, wants: "one of " + choices.map(\.key).joined(separator: ", "), default: value) { text in
            choices.first { $0.key == text }?.value
        }
    }

    /// What `parse` makes of the text; nil of it is a problem, told as `wants`.
    package mutating func parsed<Value>(
        _ name: String, wants: String, default value: Value, _ parse: (String) -> Value?
    ) -> Value {
        guard let text = text(name) else { return value }
        guard let parsed = parse(text) else {
            refuse(name, text, "it must be \(wants)")
            return value
        }
        return parsed
    }

    /// A feature of Istio's ztunnel that is not here: refused when it is switched on, not ignored.
    package mutating func unsupported(_ name: String, harmless: Set<String> = [], _ reason: String) {
        guard let value = text(name), !harmless.contains(value) else { return }
        refuse(name, value, "\(reason); unset it")
    }

    /// Notes that the variable cannot be used.
    package mutating func refuse(_ name: String, _ value: String, _ problem: String) {
        // A value may be a secret or a whole certificate: only its beginning is shown.
        let shown = value.count > 60 ? String(value.prefix(60)) + "..." : value
        problems.append("\(name)=\(shown): \(problem)")
    }

    /// All variables whose names begin with `prefix`, without it, by name.
    package mutating func all(prefix: String) -> [(name: String, value: String)] {
        let found = variables.filter { $0.key.hasPrefix(prefix) && $0.key.utf8.count > prefix.utf8.count }
        known.formUnion(found.keys)
        return found.map { (String($0.key.dropFirst(prefix.count)), $0.value) }.sorted { $0.name < $1.name }
    }

    /// Variables that begin with one of `prefixes` and that nobody asked for.
    package func unknown(prefixes: [String]) -> [String] {
        variables.keys.filter { name in !known.contains(name) && prefixes.contains { name.hasPrefix($0) } }.sorted()
    }
}
