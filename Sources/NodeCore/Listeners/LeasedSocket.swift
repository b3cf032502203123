package import LinuxSystem

/// A duplicate of a stored socket, to accept or receive on, with the lease that keeps it stored.
package struct LeasedSocket: ~Copyable, Sendable {
    private let descriptor: Descriptor
    /// To be held for as long as the socket is served.
    package let lease: SocketLease

    init(_ descriptor: consuming Descriptor, _ lease: SocketLease) {
        self.descriptor = descriptor
        self.lease = lease
    }

    /// The descriptor's number, for socket options.
    package var raw: CInt { descriptor.raw }

    /// Both, for another owner.
    package consuming func handOver() -> SocketHandover {
        let lease = self.lease
        return SocketHandover(descriptor, lease: lease)
    }

    /// The descriptor alone.
    package consuming func takeDescriptor() -> Descriptor { descriptor }
}
