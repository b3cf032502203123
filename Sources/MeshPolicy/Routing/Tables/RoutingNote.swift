/// Something in the sources that has another effect than its author may expect.
package struct RoutingNote: Sendable, Hashable, CustomStringConvertible {
    /// `VirtualService namespace/name`, with the place in it.
    package let place: String
    /// What is wrong and what happens.
    package let message: String

    package var description: String { "\(place): \(message)" }
}
