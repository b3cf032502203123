/// Something that is accepted but does less than its writer may think.
package struct Warning: Sendable, Hashable, CustomStringConvertible {
    /// The field.
    package let path: FieldPath
    /// What it does not do, and what to use instead.
    package let message: String

    /// `spec.type: message`.
    package var description: String { path.description.isEmpty ? message : "\(path): \(message)" }
}
