import FoundationEssentials
import MeshModel

/// The body of a request about nodes or tokens: each field is usable when it was read, or the refusal names it.
struct NodeAPIBody {
    private let value: JSONValue

    init(_ body: [UInt8]) throws(APIFailure) {
        guard let value = try? JSONValue(parsing: body), value.asObject != nil else {
            throw APIFailure(400, "BadRequest", "the request body is not a JSON object")
        }
        self.value = value
    }

    /// The name of the node.
    func node() throws(APIFailure) -> String {
        let name = value["node"]?.asString ?? ""
        guard NodeName.isValid(name) else {
            throw Self.invalid(
                "node",
                "\"\(name)\" is no name for a node: use lower-case letters, digits, '-' and '.', at most 253 characters, "
                    + "beginning and ending with a letter or digit")
        }
        return name
    }

    /// The identities in a list of `NAMESPACE/SERVICEACCOUNT`; none where there is no list.
    func grants(_ field: String) throws(APIFailure) -> [NodeGrant] {
        var grants: [NodeGrant] = []
        for text in value[field]?.strings ?? [] {
            guard let grant = NodeGrant(text) else {
                throw Self.invalid(
                    field, "\"\(text)\" is no identity; write NAMESPACE/SERVICEACCOUNT, for instance shop/web")
            }
            if !grants.contains(grant) { grants.append(grant) }
        }
        return grants
    }

    /// A number of seconds; nil where there is none.
    func seconds(_ field: String, atMost limit: TimeInterval) throws(APIFailure) -> TimeInterval? {
        guard let given = value[field] else { return nil }
        guard let seconds = given.asInt, seconds > 0, TimeInterval(seconds) <= limit else {
            throw Self.invalid(field, "\(given.compactText) is no number of seconds between 1 and \(Int(limit))")
        }
        return TimeInterval(seconds)
    }

    /// A flag; false where there is none.
    func flag(_ field: String) throws(APIFailure) -> Bool {
        guard let given = value[field] else { return false }
        guard let flag = given.asBool else {
            throw Self.invalid(field, "\(given.compactText) is neither true nor false")
        }
        return flag
    }

    static func invalid(_ field: String, _ message: String) -> APIFailure {
        APIFailure(
            422, "Invalid", "\(field): \(message)",
            causes: [APIFailure.Cause(field: field, message: message, reason: "FieldValueInvalid")])
    }
}
