import MeshModel

/// The fields of a schema that hold values, by path: `spec.http[].match[].headers{}.exact`.
enum SchemaFields {
    /// What all kinds have alike, and what names the kind.
    private static let common: Set<String> = ["apiVersion", "kind", "metadata", "status"]

    /// All fields of a kind but those that all kinds have. A block that stands in several places of a DestinationRule is listed in
    /// the first: see ``canonical(_:)``.
    static func paths(of kind: ResourceKind) -> [String] {
        var seen: Set<String> = []
        var result: [String] = []
        guard case .object(let members) = ResourceSchemas.schema(of: kind).form else { return [] }
        for member in members where !common.contains(member.name) {
            for path in leaves(member.schema, member.name) where seen.insert(canonical(path)).inserted {
                result.append(canonical(path))
            }
        }
        return result
    }

    /// Subsets and single ports have the blocks of the whole rule, read by the same code.
    static func canonical(_ path: String) -> String {
        var path = path
        if path.hasPrefix("spec.subsets[].trafficPolicy.") {
            path = "spec." + path.dropFirst("spec.subsets[].".count)
        }
        let port = "spec.trafficPolicy.portLevelSettings[]."
        if path.hasPrefix(port), !path.hasPrefix(port + "port.") {
            path = "spec.trafficPolicy." + path.dropFirst(port.count)
        }
        return path
    }

    private static func leaves(_ schema: FieldSchema, _ path: String) -> [String] {
        switch schema.form {
        case .object(let members): members.flatMap { leaves($0.schema, "\(path).\($0.name)") }
        case .list(let element): isLeaf(element) ? [path] : leaves(element, path + "[]")
        case .map(let value): isLeaf(value) ? [path] : leaves(value, path + "{}")
        default: [path]
        }
    }

    private static func isLeaf(_ schema: FieldSchema) -> Bool {
        switch schema.form {
        case .object, .list, .map: false
        default: true
        }
    }
}
