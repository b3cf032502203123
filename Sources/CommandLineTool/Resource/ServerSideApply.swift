import MeshModel

/// Sends one object as a Kubernetes server-side apply and says what it changed. It compares the object before and after
/// it, because an answer of the server alone does not tell `configured` from `unchanged`.
struct ServerSideApply: Sendable {
    /// What became of the object; the word that is printed.
    enum Change: String, Sendable {
        case created
        case configured
        case unchanged
    }

    struct Outcome: Sendable {
        let change: Change
        /// The server's warnings.
        let warnings: [String]
    }

    /// Who owns the fields that are applied.
    static let fieldManager = "ambitctl"

    private let client: APIClient
    private let isDryRun: Bool

    init(client: APIClient, isDryRun: Bool) {
        self.client = client
        self.isDryRun = isDryRun
    }

    /// Applies the object. Throws the server's refusal or the connection's failure; then nothing was changed.
    func apply(_ document: CheckedDocument) async throws -> Outcome {
        let path = document.reference.path
        let before = try await client.sendUnlessMissing(APIRequest(.fetch, path))?.value
        var query = [(name: "fieldManager", value: Self.fieldManager), (name: "force", value: "true")]
        if isDryRun { query.append((name: "dryRun", value: "All")) }
        let answer = try await client.send(
            APIRequest(
                .patch, path, query: query, body: document.object.compactText,
                contentType: "application/apply-patch+yaml"))
        let change: Change
        if let before {
            change = Self.essence(before) == answer.value.map(Self.essence) ? .unchanged : .configured
        } else {
            change = .created
        }
        return Outcome(change: change, warnings: answer.warnings)
    }

    /// The object without the bookkeeping that a write may change though nobody's words changed, with sorted keys.
    private static func essence(_ object: JSONValue) -> String {
        let bookkeeping: Set<String> = ["resourceVersion", "managedFields", "generation"]
        let members = object.members.map { member in
            guard member.name == "metadata" else { return member }
            return (member.name, JSONValue(members: member.value.members.filter { !bookkeeping.contains($0.name) }))
        }
        return YAMLWriter.text(JSONValue(members: members))
    }
}
