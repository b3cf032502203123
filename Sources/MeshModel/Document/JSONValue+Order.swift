extension JSONValue {
    /// The same value with the members of all objects ordered by key: two values mean the same when these are equal.
    package var canonical: JSONValue {
        switch self {
        case .array(let elements): return .array(elements.map(\.canonical))
        case .object(let object):
            var result = JSONObject()
            for (key, member) in object.list.sorted(by: { $0.0 < $1.0 }) { result[key] = member.canonical }
            return .object(result)
        default: return self
        }
    }

    /// How many values it is made of, itself included: the measure of bounds on what documents grow to.
    package var valueCount: Int {
        switch self {
        case .array(let elements): elements.reduce(1) { $0 + $1.valueCount }
        case .object(let object): object.list.reduce(1) { $0 + $1.1.valueCount }
        default: 1
        }
    }
}
