/// Why `ambitd` cannot do what it was started for; the text is for the person who started it.
package struct DaemonError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
