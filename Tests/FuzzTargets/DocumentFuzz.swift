import MeshModel

/// Fuzz entry of documents: any bytes, no trap, and what is accepted must survive being written and read again.
package enum DocumentFuzz {
    /// A JSON text, then the rules of resources on what it says.
    package static func json(_ bytes: UnsafeRawBufferPointer) {
        guard let value = try? JSONValue(parsing: bytes) else { return }
        for text in [value.compactText, value.prettyText] {
            precondition((try? JSONValue(parsing: text.utf8)) == value, "a value must be read back as it was written")
        }
        switch Validation.validate(value) {
        case .failure(let found):
            precondition(!found.problems.isEmpty && found.problems.count <= FieldProblems.limit, "problems are bounded")
        case .success(let accepted):
            guard case .success(let again) = Validation.validate(accepted.resource.object) else {
                preconditionFailure("an accepted resource must be accepted again")
            }
            precondition(again.resource == accepted.resource, "the same resource again")
        }
    }
}
