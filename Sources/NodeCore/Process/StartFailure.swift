/// Why the program does not start, or ends: what happened, and what to do. Its words go to standard error.
package struct StartFailure: Error, CustomStringConvertible {
    package let description: String

    /// A failure in words.
    package init(_ description: String) {
        self.description = description
    }
}
