/// A connection fresh from `accept4(2)`.
package struct AcceptedSocket: ~Copyable, Sendable {
    /// The connection itself.
    package let descriptor: Descriptor
    /// Who opened it.
    package let peer: SocketAddress

    /// Pairs a descriptor with its peer.
    package init(descriptor: consuming Descriptor, peer: SocketAddress) {
        self.descriptor = descriptor
        self.peer = peer
    }

    /// The descriptor alone.
    package consuming func takeDescriptor() -> Descriptor { descriptor }
}
