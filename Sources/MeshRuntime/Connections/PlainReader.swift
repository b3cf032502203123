package import LinuxSystem

extension TCPConnection {
    /// Reads the connection outside of a relay, for small servers: `onBytes` gets each batch (valid during the call) and
    /// `onEnd` is called once, with nil at the peer's FIN or the error that ended it. Closing the connection ends both.
    package func read(
        onBytes: @escaping (UnsafeRawBufferPointer) -> Void, onEnd: @escaping (Errno?) -> Void
    ) {
        guard isOpen else { return onEnd(.badDescriptor) }
        let reader = unsafe PlainReader(onBytes, onEnd)
        attach(reader)
        loop.continueNextTurn(self)
    }
}

/// The consumer behind `TCPConnection.read`.
@safe
final class PlainReader: TCPConsumer {
    private let onBytes: (UnsafeRawBufferPointer) -> Void
    private var onEnd: ((Errno?) -> Void)?

    init(_ onBytes: @escaping (UnsafeRawBufferPointer) -> Void, _ onEnd: @escaping (Errno?) -> Void) {
        unsafe self.onBytes = unsafe onBytes
        self.onEnd = onEnd
    }

    override func connectionReady(_ connection: TCPConnection) {
        do throws(Errno) {
            _ = try connection.flush()
            // One batch a turn: a small server's client starves nobody.
            guard connection.isOpen, connection.flags.contains(.readable), onEnd != nil else { return }
            guard case .bytes(let count) = try connection.readPlain() else { return }
            guard count > 0 else { return end(nil) }
            unsafe onBytes(UnsafeRawBufferPointer(rebasing: connection.loop.buffers.received[..<count]))
            if connection.isOpen, connection.flags.contains(.readable) { connection.loop.continueNextTurn(connection) }
        } catch {
            end(error)
        }
    }

    override func connectionResumed(_ connection: TCPConnection) {
        connectionReady(connection)
    }

    private func end(_ error: Errno?) {
        guard let body = onEnd else { return }
        onEnd = nil
        body(error)
    }
}
