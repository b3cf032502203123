package import LinuxSystem
package import MeshRuntime

/// An older generation that still carries connections, as the newest one sees it. Confined to the control loop.
package final class DrainingGeneration {
    private var channel: UpgradeChannel?
    /// Connections that it carries, as it said last.
    package private(set) var connections = 0

    /// Listens to what it says over `socket`; `onEnd` is called when it is gone.
    package init(loop: EventLoop, _ socket: consuming Descriptor, onEnd: @escaping (DrainingGeneration) -> Void)
        throws(Errno)
    {
        channel = try UpgradeChannel(
            loop: loop, socket,
            onMessage: { [weak self] message, _ in
                if case .connections(let count) = message { self?.connections = count }
            },
            onEnd: { [weak self] _ in
                guard let self else { return }
                onEnd(self)
            })
    }

    /// The connection to it, for the next generation.
    package func duplicate() -> SocketHandover? { channel?.duplicate() }

    /// Listens no more: the next generation does.
    package func forget() {
        channel?.close()
        channel = nil
    }
}
