/// All conditions of one match block; everything must hold (I 2.2).
struct RouteCondition: Sendable {
    /// What kept a request from a route.
    enum Mismatch: Sendable {
        case port
        case clientNamespace
        case clientLabels
        case path
        case field([UInt8])
        case queryParameter([UInt8])
        /// A condition that is never met: it could not be compiled, so it must not widen the match (D11).
        case unusable(String)
    }

    var path: PathCondition?
    var fields: [FieldCondition] = []
    var parameters: [QueryCondition] = []
    var port: UInt16?
    var clientNamespace: String?
    var clientLabels: [(name: String, value: String)] = []
    /// Why it never holds.
    var unusable: String?

    /// Its expression on the path is met by all.
    var allowsAnyPath = false

    /// Whether every request to its port meets it.
    var isCatchAll: Bool {
        guard fields.isEmpty, parameters.isEmpty, clientNamespace == nil, clientLabels.isEmpty, unusable == nil
        else { return false }
        if case .prefix(let text, _)? = path { return text == [0x2f] }
        return path == nil || allowsAnyPath
    }

    /// The first thing that does not hold, cheap ones first; nil where all do. `path` has its query; its first `length`
    /// bytes are the path proper.
    func mismatch(
        path whole: Span<UInt8>, length: Int, fields request: some RequestFields, facts: RequestFacts
    ) -> Mismatch? {
        if let unusable { return .unusable(unusable) }
        if let port, port != facts.port { return .port }
        if let path, !path.holds(for: whole.extracting(first: length)) { return .path }
        if let clientNamespace, facts.client?.namespace != clientNamespace { return .clientNamespace }
        for label in clientLabels where facts.client?.labels[label.name] != label.value { return .clientLabels }
        for condition in fields where !condition.holds(in: request) { return .field(condition.name) }
        for condition in parameters where !condition.holds(for: whole) { return .queryParameter(condition.name) }
        return nil
    }
}

extension RouteCondition.Mismatch: CustomStringConvertible {
    /// The reason for a person.
    var description: String {
        switch self {
        case .port: "its port is another"
        case .clientNamespace: "sourceNamespace is another"
        case .clientLabels: "the client has not all sourceLabels"
        case .path: "uri does not match"
        case .field(let name): "the condition on \(String(decoding: name, as: UTF8.self)) does not hold"
        case .queryParameter(let name):
            "the condition on the query parameter \(String(decoding: name, as: UTF8.self)) does not hold"
        case .unusable(let reason): "it never matches: \(reason)"
        }
    }
}
