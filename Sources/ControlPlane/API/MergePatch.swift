import MeshModel

/// Patches of objects: JSON merge patch (RFC 7396), and the part of Kubernetes' strategic merge patch that kubectl sends
/// for our kinds.
enum MergePatch {
    /// RFC 7396: objects are merged member by member, everything else is replaced; null removes (where asked for).
    static func merge(_ patch: JSONValue, into target: JSONValue, nullRemoves: Bool = true) -> JSONValue {
        guard case .object(let members) = patch else { return patch }
        var result = target.asObject ?? [:]
        for (key, value) in members.list {
            if nullRemoves, value == .null {
                result[key] = nil
            } else {
                result[key] = merge(value, into: result[key] ?? .null, nullRemoves: nullRemoves)
            }
        }
        return .object(result)
    }

    /// Kubernetes' strategic merge: as above, and a Service's ports are merged by their number. Directives other than the
    /// order of elements (which the merge keeps anyway) and the deletion of an element are refused by name.
    static func strategicMerge(_ patch: JSONValue, into target: JSONValue) throws(APIFailure) -> JSONValue {
        guard case .object(let members) = patch else { return patch }
        var result = target.asObject ?? [:]
        for (key, value) in members.list where !key.hasPrefix("$setElementOrder/") {
            if key.hasPrefix("$") {
                throw APIFailure(
                    415, "UnsupportedMediaType",
                    "the patch directive \(key) is not supported; send a JSON merge patch, or replace the object")
            }
            if value == .null {
                result[key] = nil
            } else if key == "ports", case .array(let elements) = value, elements.allSatisfy({ $0["port"] != nil }) {
                result[key] = .array(try mergePorts(elements, into: result[key]?.asArray ?? []))
            } else {
                result[key] = try strategicMerge(value, into: result[key] ?? .null)
            }
        }
        return .object(result)
    }

    private static func mergePorts(_ patch: [JSONValue], into target: [JSONValue]) throws(APIFailure) -> [JSONValue] {
        var result = target
        for element in patch {
            let place = result.firstIndex { $0["port"] == element["port"] }
            if element["$patch"] == .string("delete") {
                if let place { result.remove(at: place) }
            } else if let place {
                result[place] = try strategicMerge(element, into: result[place])
            } else {
                result.append(try strategicMerge(element, into: .null))
            }
        }
        return result
    }
}
