import LinuxSystem
import MeshRuntime

/// One question to one resolver over a socket of its own: a datagram, or a TCP connection for an answer that was cut.
///
/// Confined to the DNS loop; the caller bounds its life.
final class DNSUpstream {
    private let message: [UInt8]
    private let stream: Bool
    private let onResult: (Result<[UInt8], Errno>) -> Void
    private var watch: DescriptorWatch?
    private var pending: [UInt8]
    private var received: [UInt8] = []

    init(
        loop: EventLoop, server: SocketAddress, namespace: NetworkNamespace?, mark: UInt32?, stream: Bool,
        message: [UInt8], onResult: @escaping (Result<[UInt8], Errno>) -> Void
    ) throws(Errno) {
        self.message = message
        self.stream = stream
        self.onResult = onResult
        pending =
            stream
            ? [UInt8(truncatingIfNeeded: message.count >> 8), UInt8(truncatingIfNeeded: message.count)] + message
            : message
        let open = { () throws(Errno) -> Descriptor in
            let socket = stream ? try Socket.tcp(for: server) : try Socket.udp(for: server)
            // Loopback is not captured, and a program there must not inherit the mark that frees its packets from capture.
            if let mark, !server.isLoopback { try Socket.setMark(socket.raw, mark) }
            // A connected datagram socket hears nobody but the resolver.
            _ = try Socket.connect(socket.raw, to: server)
            return socket
        }
        let socket = if let namespace { try namespace.run(open) } else { try open() }
        watch = try DescriptorWatch(loop: loop, socket, [.readable, .writable, .edgeTriggered]) { [weak self] _ in
            self?.ready()
        }
        if !stream { write() }
    }

    func close() {
        watch?.close()
        watch = nil
    }

    private func ready() {
        if let raw = watch?.raw, let error = Socket.pendingError(raw) { return onResult(.failure(error)) }
        write()
        read()
    }

    private func write() {
        while let raw = watch?.raw, !pending.isEmpty {
            do throws(Errno) {
                guard case .bytes(let count) = try Transfer.send(raw, pending) else { return }
                pending.removeFirst(count)
            } catch .notConnected {
                return
            } catch {
                return onResult(.failure(error))
            }
        }
    }

    private func read() {
        while let raw = watch?.raw {
            do throws(Errno) {
                guard let bytes = try Transfer.receive(raw, upTo: DNSForwarder.datagramBytes) else { return }
                guard stream else {
                    onResult(.success(bytes))
                    continue
                }
                guard !bytes.isEmpty else { return onResult(.failure(.connectionReset)) }
                received += bytes
                guard received.count >= 2 else { continue }
                let length = Int(received[0]) << 8 | Int(received[1])
                guard received.count >= 2 + length else { continue }
                return onResult(.success(Array(received[2..<(2 + length)])))
            } catch .notConnected {
                return
            } catch {
                return onResult(.failure(error))
            }
        }
    }
}
