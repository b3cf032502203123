/// Why a command is not run: what is wrong on this host, and what its administrator does about it. It counts as a failure of
/// the probe.
package struct CommandRefusal: Error, Equatable, CustomStringConvertible {
    /// One line.
    package let description: String

    /// With its words.
    package init(_ description: String) {
        self.description = description
    }
}
