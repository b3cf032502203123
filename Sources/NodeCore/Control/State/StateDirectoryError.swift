/// A file of the node's state could not be read or written: which one, and why.
package struct StateDirectoryError: Error, Equatable, CustomStringConvertible {
    /// What was tried.
    package let operation: String
    /// The path.
    package let path: String
    /// The system's words.
    package let reason: String

    package var description: String { "cannot \(operation) \(path): \(reason)" }
}
