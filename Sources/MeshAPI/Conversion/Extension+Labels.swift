import MeshModel

/// Labels on discovery's wire: Istio's message has no field for them, but a list of named extensions, of which its ztunnel reads none.
/// So a label is an extension without content whose name says it: `ambit.io/label:KEY=VALUE`. No key of a label has a `=`.
extension Istio_Workload_Extension {
    static let labelPrefix = "ambit.io/label:"

    /// One label.
    init(_ label: WorkloadLabels.Label) {
        self.init()
        name = "\(Self.labelPrefix)\(label.key)=\(label.value)"
    }

    /// The label that this is; nil for an extension of another kind.
    var label: (key: String, value: String)? {
        guard name.hasPrefix(Self.labelPrefix) else { return nil }
        let text = name.dropFirst(Self.labelPrefix.count)
        guard let end = text.firstIndex(of: "=") else { return nil }
        return (String(text[..<end]), String(text[text.index(after: end)...]))
    }
}

extension WorkloadLabels {
    /// The labels among a workload's extensions, the first of those with the same key. What is beyond the bounds is left out: a workload that
    /// cannot be told apart by one label more is still better than one that cannot be reached.
    init(_ extensions: [Istio_Workload_Extension]) {
        self.init(Dictionary(extensions.lazy.compactMap(\.label), uniquingKeysWith: { first, _ in first }))
    }
}
