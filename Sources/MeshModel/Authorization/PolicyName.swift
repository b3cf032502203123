/// A policy's key: the name of its resource, "namespace/name".
package struct PolicyName: Hashable, Sendable, Comparable, LosslessStringConvertible {
    /// The policy's namespace.
    package let namespace: String
    /// The policy's name.
    package let name: String

    /// The policy `name` of `namespace`.
    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// Parses "namespace/name": the name follows the first slash. Nil without a slash or without a name.
    package init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/") else { return nil }
        let name = text[text.index(after: slash)...]
        guard !name.isEmpty else { return nil }
        self.init(namespace: String(text[..<slash]), name: String(name))
    }

    package var description: String { "\(namespace)/\(name)" }

    /// By namespace, then name.
    package static func < (left: PolicyName, right: PolicyName) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}
