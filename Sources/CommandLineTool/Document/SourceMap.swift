import MeshModel

/// Where the fields of one document stand in its file. A field that is not in the file (a missing one) stands where the
/// nearest object around it does.
struct SourceMap: Equatable, Sendable {
    /// A place in a text; both count from 1.
    struct Position: Equatable, Sendable {
        let line: Int
        let column: Int
    }

    private var positions: [FieldPath: Position] = [:]

    init() {}

    /// Notes where a field's name, or a list's item, begins.
    mutating func note(_ path: FieldPath, at position: Position) {
        positions[path] = position
    }

    /// The position of a field, or of what encloses it; nil for a document without positions.
    func position(of path: FieldPath) -> Position? {
        var path = path
        while true {
            if let position = positions[path] { return position }
            guard let parent = path.parent else { return nil }
            path = parent
        }
    }
}
