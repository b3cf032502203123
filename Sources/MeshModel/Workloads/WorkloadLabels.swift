/// A workload's labels, as subsets of DestinationRules and `sourceLabels` of VirtualServices are compared with them.
///
/// Bounded, since every node keeps those of the whole mesh: at most `limit` labels, the first by the order of their keys, and none with
/// a key or value that is longer than a label's may be. An array rather than a dictionary: a workload has few, and 10,000 workloads
/// share a node's memory.
package struct WorkloadLabels: Sendable, Hashable {
    /// How many labels of one workload reach the nodes.
    package static let limit = 64
    /// The longest key, in bytes: a prefix of 253, a slash, and a name of 63.
    package static let keyLimit = 317
    /// The longest value, in bytes.
    package static let valueLimit = 63

    /// One label.
    package struct Label: Sendable, Hashable {
        package let key: String
        package let value: String
    }

    /// The labels, by key.
    package let all: [Label]

    /// Those of `labels` that are within the bounds.
    package init(_ labels: [String: String] = [:]) {
        let fitting = labels.lazy.filter { Self.fits(key: $0.key, value: $0.value) }.map(Label.init)
        all = Array(fitting.sorted { $0.key < $1.key }.prefix(Self.limit))
    }

    /// Whether the workload has no labels, or none that are known: other control planes say nothing of labels.
    package var isEmpty: Bool { all.isEmpty }

    /// The labels by their keys.
    package var values: [String: String] {
        Dictionary(all.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether a label is one that reaches the nodes.
    package static func fits(key: String, value: String) -> Bool {
        (1...keyLimit).contains(key.utf8.count) && value.utf8.count <= valueLimit
    }
}
