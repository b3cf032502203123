/// Where in a document a value stands, as people write it: `spec.rules[0].from[1].source`.
package struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    private enum Component: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    private var components: [Component] = []

    /// The document itself.
    package static let root = FieldPath()

    /// The path of keys from the root.
    package init(_ keys: String...) {
        components = keys.map(Component.key)
    }

    /// The path of a member.
    package func appending(key: String) -> FieldPath {
        var path = self
        path.components.append(.key(key))
        return path
    }

    /// The path of an element.
    package func appending(index: Int) -> FieldPath {
        var path = self
        path.components.append(.index(index))
        return path
    }

    /// This path followed by another.
    package func appending(_ other: FieldPath) -> FieldPath {
        var path = self
        path.components += other.components
        return path
    }

    /// The path of what holds this value; nil for the root.
    package var parent: FieldPath? {
        guard !components.isEmpty else { return nil }
        var path = self
        path.components.removeLast()
        return path
    }

    /// The name of the field, or the index of the element; empty for the root.
    package var lastKey: String {
        switch components.last {
        case .key(let key)?: key
        case .index(let index)?: "\(index)"
        case nil: ""
        }
    }

    package var description: String {
        var text = ""
        for component in components {
            switch component {
            case .key(let key):
                // A key that holds a dot (a label's) is put in brackets, so that the path stays readable.
                if key.contains(".") || key.contains("/") {
                    text += "[\(key)]"
                } else {
                    text += text.isEmpty ? key : "." + key
                }
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }
}
