package import MeshModel

/// A document that passed validation: what it is, and the object to send.
package struct CheckedDocument: Sendable {
    package let reference: ResourceReference
    /// The object, with the namespace filled in.
    package let object: JSONValue
    /// What is allowed but probably not meant, as lines to print.
    package let warnings: [String]
}
