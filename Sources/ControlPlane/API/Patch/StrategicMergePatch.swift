import MeshModel

/// Kubernetes' strategic merge patch: what `kubectl apply`, `edit` and `patch` send for the core kinds.
///
/// A merge patch, with lists that have a merge key in the schema merged element by element, and directives: `$patch`
/// (replace, delete, merge), `$setElementOrder/LIST`, `$deleteFromPrimitiveList/LIST`, `$retainKeys`. Other directives are
/// refused by name. Kubernetes "Update API Objects in Place Using kubectl patch".
enum StrategicMergePatch {
    /// The object that `patch` makes of `target`; `schema` is the target's, nil below fields that have none.
    static func merge(
        _ patch: JSONValue, into target: JSONValue, schema: FieldSchema?
    ) throws(APIFailure) -> JSONValue {
        guard case .object(let members) = patch else { return patch }
        switch members["$patch"] {
        case nil, .string("merge")?: break
        case .string("replace")?:
            var whole = members
            whole["$patch"] = nil
            return .object(whole)
        case .string("delete")?: return .object([:])
        case let other?: throw unknownDirective("$patch: \(other.compactText)")
        }
        var result = target.asObject ?? [:]
        if let kept = members["$retainKeys"]?.strings {
            for key in result.keys where !kept.contains(key) { result[key] = nil }
        }
        for (key, value) in members.list where !key.hasPrefix("$") {
            let inner = schema?.member(key)
            switch value {
            case .null: result[key] = nil
            case .array(let elements):
                let order = members["$setElementOrder/\(key)"]?.asArray
                result[key] = .array(try list(elements, into: result[key]?.asArray ?? [], schema: inner, order: order))
            default: result[key] = try merge(value, into: result[key] ?? .null, schema: inner)
            }
        }
        for (key, value) in members.list where key.hasPrefix("$") {
            try direct(key, value, members, &result, schema)
        }
        return .object(result)
    }

    /// What a directive changes once the members are merged.
    private static func direct(
        _ directive: String, _ value: JSONValue, _ patch: JSONObject, _ result: inout JSONObject, _ schema: FieldSchema?
    ) throws(APIFailure) {
        let parts = directive.split(separator: "/", maxSplits: 1).map(String.init)
        switch (parts[0], parts.count) {
        case ("$patch", 1), ("$retainKeys", 1): break
        case ("$deleteFromPrimitiveList", 2):
            guard let present = result[parts[1]]?.asArray else { return }
            let removed = value.asArray ?? []
            result[parts[1]] = .array(present.filter { !removed.contains($0) })
        case ("$setElementOrder", 2):
            guard let present = result[parts[1]]?.asArray, let order = value.asArray else { return }
            result[parts[1]] = .array(ordered(present, order, key: mergeKey(schema?.member(parts[1]), order)))
        default: throw unknownDirective(directive)
        }
    }

    private static func list(
        _ patch: [JSONValue], into target: [JSONValue], schema: FieldSchema?, order: [JSONValue]?
    ) throws(APIFailure) -> [JSONValue] {
        guard let key = mergeKey(schema, order) else {
            // A list of plain values is merged where its order is said, and else replaced.
            guard order != nil else { return patch }
            return target + patch.filter { !target.contains($0) }
        }
        var element: FieldSchema?
        if case .list(let schema)? = schema?.form { element = schema }
        if patch.contains(where: { $0["$patch"] == .string("replace") }) {
            return patch.filter { $0["$patch"] != .string("replace") }
        }
        var result = target
        for one in patch {
            guard let value = one[key] else {
                throw .invalid(
                    "patch",
                    "an element has no \(key), which says which element of the list is meant: \(one.compactText)")
            }
            let place = result.firstIndex { $0[key] == value }
            if one["$patch"] == .string("delete") {
                if let place { result.remove(at: place) }
            } else if let place {
                result[place] = try merge(one, into: result[place], schema: element)
            } else {
                result.append(try merge(one, into: .null, schema: element))
            }
        }
        return result
    }

    /// The member that tells the elements of a list apart: the schema's, or the one by which the patch orders them.
    private static func mergeKey(_ schema: FieldSchema?, _ order: [JSONValue]?) -> String? {
        if let key = schema?.mergeKey { return key }
        guard let keys = order?.first?.asObject?.keys, keys.count == 1 else { return nil }
        return keys[0]
    }

    /// The elements in the order said; those that it does not name come behind.
    private static func ordered(_ elements: [JSONValue], _ order: [JSONValue], key: String?) -> [JSONValue] {
        func place(_ element: JSONValue) -> Int {
            order.firstIndex { said in
                key.map { said[$0] == element[$0] } ?? (said == element)
            } ?? order.count
        }
        return elements.enumerated().map { (place($0.element), $0.offset, $0.element) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }

    private static func unknownDirective(_ text: String) -> APIFailure {
        APIFailure(
            415, "UnsupportedMediaType",
            "the patch directive \(text) is not supported; send a JSON merge patch, or replace the object")
    }
}
