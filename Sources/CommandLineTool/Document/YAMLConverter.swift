import MeshModel
import Yams

/// Turns one document's nodes into a value, noting where each field stands. Lives as long as the conversion.
struct YAMLConverter {
    let source: String
    /// Where the fields stand.
    private(set) var lines = SourceMap()
    private var values = 0
    private var repeated: [(path: FieldPath, mark: Mark?)] = []

    /// Kinds whose specs people copy from courses with a key repeated. Elsewhere a guess could change who may connect.
    private static let tolerant: Set<String> = ["VirtualService", "DestinationRule", "Gateway"]

    init(source: String) {
        self.source = source
    }

    /// The value of a node at `path`, and of everything in it.
    mutating func value(_ node: Node, at path: FieldPath) throws -> JSONValue {
        values += 1
        guard values <= YAMLReader.maximumValues else {
            throw problem(
                node, path, "a document of more than \(YAMLReader.maximumValues) values (aliases repeat theirs)",
                "split it")
        }
        if path == .root { note(path, node.mark) }
        switch node {
        case .scalar(let scalar):
            return try self.scalar(scalar, node, path)
        case .sequence(let sequence):
            var items: [JSONValue] = []
            items.reserveCapacity(sequence.count)
            for (index, item) in sequence.enumerated() {
                let itemPath = path.appending(index: index)
                note(itemPath, item.mark)
                items.append(try value(item, at: itemPath))
            }
            return .array(items)
        case .mapping(let mapping):
            return try object(mapping, path)
        case .alias:
            throw problem(node, path, "an alias that was not resolved", "write the value itself")
        }
    }

    private mutating func object(_ mapping: Node.Mapping, _ path: FieldPath) throws -> JSONValue {
        var members = JSONObject()
        for (key, item) in mapping {
            guard case .scalar(let name) = key else {
                throw problem(key, path, "a key that is not a plain word", "use text as the key")
            }
            if name.style == .plain, name.string == "<<" {
                try merge(item, into: &members, mapping, path)
                continue
            }
            if let original = RepeatedKeys.original(name.string) {
                repeated.append((path.appending(key: original), key.mark))
                continue
            }
            let itemPath = path.appending(key: name.string)
            note(itemPath, key.mark)
            members[name.string] = try value(item, at: itemPath)
        }
        return .object(members)
    }

    /// What is to be said of the keys that were left out because they stand again further down; throws where the document is
    /// not of a kind in which that is taken.
    func repeatedKeys(in value: JSONValue) throws -> [DocumentProblem] {
        try repeated.map { path, mark in
            let isTolerated =
                value["kind"]?.asString.map(Self.tolerant.contains) == true
                && path.description.hasPrefix("spec.")
            guard isTolerated else {
                throw DocumentProblem(
                    source: source, line: mark?.line, column: mark?.column,
                    problem: "the key \(path.lastKey) stands twice in the same object", remedy: "keep one of them")
            }
            let winner = lines.position(of: path).map { "the one at line \($0.line)" } ?? "the last one"
            return DocumentProblem(
                source: source, line: mark?.line, path: path.description,
                problem: "stands twice in the same object; \(winner) counts, this one does not",
                remedy: "keep one of them, or put both values under one key")
        }
    }

    /// YAML's merge key: fields of other objects, which the object's own fields override.
    private mutating func merge(
        _ item: Node, into members: inout JSONObject, _ mapping: Node.Mapping, _ path: FieldPath
    ) throws {
        let sources: [Node] =
            if case .sequence(let list) = item { Array(list) } else { [item] }
        for source in sources {
            guard case .mapping(let other) = source else {
                throw problem(source, path, "<< must be followed by an object", "name an anchor of an object")
            }
            for (key, value) in other {
                guard let name = key.scalar?.string, members[name] == nil, mapping[name] == nil else { continue }
                let itemPath = path.appending(key: name)
                note(itemPath, key.mark)
                members[name] = try self.value(value, at: itemPath)
            }
        }
    }

    private func scalar(_ scalar: Node.Scalar, _ node: Node, _ path: FieldPath) throws -> JSONValue {
        switch scalar.tag.description {
        case Tag.Name.implicit.rawValue, Tag.Name.nonSpecific.rawValue:
            return scalar.style == .plain || scalar.style == .any
                ? YAMLScalar.value(scalar.string) : .string(scalar.string)
        case Tag.Name.str.rawValue:
            return .string(scalar.string)
        case Tag.Name.int.rawValue, Tag.Name.float.rawValue, Tag.Name.bool.rawValue, Tag.Name.null.rawValue:
            return YAMLScalar.value(scalar.string)
        default:
            throw problem(node, path, "the tag \(scalar.tag.description) means nothing here", "remove it")
        }
    }

    private mutating func note(_ path: FieldPath, _ mark: Mark?) {
        guard let mark else { return }
        lines.note(path, at: SourceMap.Position(line: mark.line, column: mark.column))
    }

    private func problem(_ node: Node, _ path: FieldPath, _ text: String, _ remedy: String) -> DocumentProblem {
        DocumentProblem(
            source: source, line: node.mark?.line, column: node.mark?.column, path: path.description, problem: text,
            remedy: remedy)
    }
}
