import MeshModel

/// JSON merge patch, RFC 7396.
enum MergePatch {
    /// Objects are merged member by member, everything else is replaced; null removes (where asked for).
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
}
