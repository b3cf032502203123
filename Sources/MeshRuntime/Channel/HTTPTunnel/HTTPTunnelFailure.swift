/// Why a proxy gives no way to a target, in words for a log.
package struct HTTPTunnelFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened.
    package let message: String

    package var description: String { message }
}
