package import MeshModel

extension FieldPath {
    /// The path of what holds the value at this path; nil for the document.
    package var parent: FieldPath? {
        components.isEmpty ? nil : FieldPath(components: components.dropLast())
    }

    /// The path that begins here and goes on with `path`.
    package func appending(path: FieldPath) -> FieldPath {
        FieldPath(components: components + path.components)
    }
}
