package import LinuxSystem
package import MeshRuntime

/// The connection between two generations: messages, some with a descriptor, in order. Confined to its loop.
///
/// What is to be sent waits in memory until the other end takes it; that is at most the list of listening sockets.
package final class UpgradeChannel {
    private let onMessage: (UpgradeMessage, SocketHandover?) -> Void
    private let onEnd: (String) -> Void
    private var watch: DescriptorWatch?
    private var outgoing: [(message: UpgradeMessage, socket: SocketHandover?)] = []
    private var sent = 0

    /// Speaks over `socket`. `onEnd` is called once, unless this side closes first: the other end is gone, or said what
    /// cannot be read.
    package init(
        loop: EventLoop, _ socket: consuming Descriptor,
        onMessage: @escaping (UpgradeMessage, SocketHandover?) -> Void, onEnd: @escaping (String) -> Void
    ) throws(Errno) {
        self.onMessage = onMessage
        self.onEnd = onEnd
        watch = try DescriptorWatch(loop: loop, socket, [.readable, .writable, .edgeTriggered]) { [weak self] _ in
            self?.flush()
            self?.receive()
        }
    }

    /// A duplicate of the connection, for the next generation.
    package func duplicate() -> SocketHandover? {
        guard let raw = watch?.raw, let copy = try? Descriptor(duplicating: raw) else { return nil }
        return SocketHandover(copy)
    }

    /// Queues a message; `socket` is closed here once it was sent.
    package func send(_ message: UpgradeMessage, passing socket: SocketHandover? = nil) {
        guard watch != nil else { return }
        outgoing.append((message, socket))
        flush()
    }

    /// Closes this end. Nothing is called any more.
    package func close() {
        watch?.close()
        watch = nil
        outgoing = []
    }

    private func flush() {
        while let raw = watch?.raw, sent < outgoing.count {
            let (message, socket) = outgoing[sent]
            do throws(Errno) {
                let result: IOResult
                if let descriptor = socket?.take() {
                    result = try UnixSocket.send(raw, message.bytes, passing: descriptor.raw)
                    if case .wouldBlock = result { outgoing[sent].socket = SocketHandover(descriptor) }
                } else {
                    result = try UnixSocket.send(raw, message.bytes)
                }
                if case .wouldBlock = result { return }
                sent += 1
            } catch {
                return end("the connection to the other process broke: \(error)")
            }
        }
        outgoing = []
        sent = 0
    }

    private func receive() {
        while let raw = watch?.raw {
            do throws(Errno) {
                guard let packet = try UnixSocket.receive(raw, upTo: UpgradeMessage.byteLimit) else { return }
                guard !packet.bytes.isEmpty else { return end("the other process is gone") }
                guard let message = UpgradeMessage(packet.bytes) else {
                    return end("the other process sent a message that cannot be read")
                }
                onMessage(message, SocketHandover(packet.takeDescriptor()))
            } catch {
                return end("the connection to the other process broke: \(error)")
            }
        }
    }

    private func end(_ reason: String) {
        guard watch != nil else { return }
        close()
        onEnd(reason)
    }
}
