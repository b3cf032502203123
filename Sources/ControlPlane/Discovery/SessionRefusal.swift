/// A client went past a limit of the discovery server; its stream ends with this reason.
package struct SessionRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// What it did and what the limit is.
    package let reason: String

    package var description: String { reason }
}
