import MeshModel

/// A document that passed validation: what it is, and the object to send.
struct CheckedDocument: Sendable {
    let reference: ResourceReference
    /// The object, with the namespace filled in.
    let object: JSONValue
    /// What is allowed but probably not meant, as lines to print.
    let warnings: [String]
}
