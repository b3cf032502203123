package import LinuxSystem

/// Whether a connection came to a host workload's outbound listener through the capture rules (D4).
package enum RedirectedConnection {
    /// The destination that the rules took the connection away from; nil where they did not. `original` is what the kernel's
    /// connection tracking says, `local` the listener's end.
    ///
    /// Any process of the host can connect to the listener's port directly. Such a connection would speak with the workload's
    /// identity, so it is refused: connection tracking knows no destination for it, or knows the listener itself.
    package static func destination(original: SocketAddress?, acceptedOn local: SocketAddress) -> SocketAddress? {
        guard let original, original != local else { return nil }
        return original
    }
}
