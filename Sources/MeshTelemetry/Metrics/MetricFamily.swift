/// One metric: its name without the `_total` of a counter, its help text and its kind.
package struct MetricFamily: Sendable, Hashable {
    /// The family's name, from the closed set of names that the program declares.
    package let name: String
    /// One line for people.
    package let help: String
    /// What it counts.
    package let kind: MetricKind

    /// Declares a family.
    package init(name: String, help: String, kind: MetricKind) {
        self.name = name
        self.help = help
        self.kind = kind
    }

    /// Declares a counter by the name that its samples have; `_total`, if it has that, is not part of the family's name.
    package static func counter(_ name: String, _ help: String) -> MetricFamily {
        let ending = "_total"
        return MetricFamily(
            name: name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : name, help: help, kind: .counter)
    }
}
