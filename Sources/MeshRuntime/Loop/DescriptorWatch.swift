package import LinuxSystem

/// Tells a closure when a descriptor is ready, level-triggered: for sockets that are not TCP streams (DNS over UDP, unix
/// sockets, netlink). Owns the descriptor. Confined to its loop.
package final class DescriptorWatch: EventSource {
    private var descriptor: Descriptor?
    private var onReady: ((EpollEvents) -> Void)?

    /// Starts watching. Throws when the kernel refuses to watch one more descriptor.
    package init(
        loop: EventLoop, _ descriptor: consuming Descriptor, _ interest: EpollEvents = .readable,
        onReady: @escaping (EpollEvents) -> Void
    ) throws(Errno) {
        let number = descriptor.raw
        self.descriptor = consume descriptor
        self.onReady = onReady
        super.init(loop: loop)
        guard loop.register(self, number, interest) else { throw .noMemory }
    }

    /// The number to read from and write to; nil after `close`.
    package var raw: CInt? { descriptor?.raw }

    /// Stops watching; the descriptor stays open for sending until `close`.
    package func pause() {
        loop.deregister(self, descriptor?.raw)
    }

    /// Stops watching and closes the descriptor.
    package func close() {
        guard descriptor != nil else { return }
        // Explicitly: another holder of the same open file would keep the kernel's watch alive.
        loop.deregister(self, descriptor?.raw)
        descriptor = nil
        onReady = nil
    }

    override func handle(_ events: EpollEvents) {
        onReady?(events)
    }
}
