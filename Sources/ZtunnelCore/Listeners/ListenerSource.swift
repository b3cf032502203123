package import LinuxSystem

/// Where listening sockets come from: every one of the node's workloads is opened through this one seam, so that a process
/// that takes over from another can adopt the sockets that it was handed, by name (D10).
package protocol ListenerSource: Sendable {
    /// The socket of that name. `open` makes a new one on the calling thread, in the right network namespace.
    func listener(_ name: ListenerName, open: () throws(Errno) -> Descriptor) throws(Errno) -> Descriptor
}

/// Opens every socket anew.
package struct NewListeners: ListenerSource {
    /// Keeps nothing.
    package init() {}

    package func listener(_ name: ListenerName, open: () throws(Errno) -> Descriptor) throws(Errno) -> Descriptor {
        try open()
    }
}
