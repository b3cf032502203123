/// A process of this host, by its number.
package struct ProcessTarget: Hashable, Sendable {
    /// The number.
    package let number: UInt32

    /// Reads the number.
    package init(_ text: String) throws(EnrolmentError) {
        guard let number = UInt32(text), number > 1, number <= 0x7fff_ffff else {
            throw EnrolmentError(
                .invalid, "'\(text)' is the number of no process that can be enrolled",
                remedy: "give the number that `ps` shows; not 1")
        }
        self.number = number
    }
}
