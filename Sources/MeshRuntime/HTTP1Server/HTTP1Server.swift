package import LinuxSystem

/// A bounded HTTP/1.1 server for a node program's own pages, on TCP and unix sockets.
///
/// Owns its listening sockets and its connections. Confined to its loop, which is never a data-plane worker.
package final class HTTP1Server {
    /// Answers one request: `reply` is called once, on the loop, now or later.
    package typealias Handler = (_ request: HTTP1Request, _ reply: @escaping (HTTP1Response) -> Void) -> Void

    private let loop: EventLoop
    private let limits: HTTP1ServerLimits
    private let handler: Handler
    private var listeners: [DescriptorWatch] = []
    private var connections: [ObjectIdentifier: HTTP1ServerConnection] = [:]

    /// Connections that were closed because `limits.connections` was reached.
    package private(set) var refused: UInt64 = 0

    /// A server that listens nowhere yet.
    package init(loop: EventLoop, limits: HTTP1ServerLimits = HTTP1ServerLimits(), handler: @escaping Handler) {
        self.loop = loop
        self.limits = limits
        self.handler = handler
    }

    /// What a listening socket accepts.
    package enum Kind: Sendable {
        /// TCP over IPv4 or IPv6.
        case tcp
        /// A unix stream socket.
        case unix
    }

    /// Serves the clients of a listening, nonblocking socket.
    package func listen(_ socket: consuming Descriptor, _ kind: Kind) throws(Errno) {
        let raw = socket.raw
        // Edge-triggered, so that a pause without descriptors does not spin.
        listeners.append(
            try DescriptorWatch(loop: loop, socket, [.readable, .edgeTriggered]) { [weak self] _ in
                self?.accept(raw, kind)
            })
    }

    /// Takes no new clients; those that are there are served on.
    package func stopListening() {
        for listener in listeners { listener.close() }
        listeners = []
    }

    /// Closes everything. Answers that are still made are dropped.
    package func close() {
        stopListening()
        for connection in Array(connections.values) { connection.close() }
    }

    /// Clients now.
    package var connectionCount: Int { connections.count }

    private func accept(_ raw: CInt, _ kind: Kind) {
        for _ in 0..<RuntimeLimits.acceptsPerTurn {
            do throws(Errno) {
                switch kind {
                case .tcp:
                    guard let accepted = try Socket.accept(raw) else { return }
                    take(accepted.takeDescriptor())
                case .unix:
                    guard let accepted = try UnixSocket.accept(raw) else { return }
                    take(accepted)
                }
            } catch {
                // A client that is gone already costs nothing; without descriptors or memory we come back in a moment.
                if error.isExhaustion { return acceptLater(raw, kind, RuntimeLimits.acceptPause) }
            }
        }
        acceptLater(raw, kind, .zero)
    }

    private func acceptLater(_ raw: CInt, _ kind: Kind, _ wait: Duration) {
        loop.schedule(after: wait) { [weak self] in
            guard let self, listeners.contains(where: { $0.raw == raw }) else { return }
            accept(raw, kind)
        }
    }

    private func take(_ socket: consuming Descriptor) {
        guard connections.count < limits.connections else {
            refused &+= 1
            return
        }
        do throws(Errno) {
            let connection = try HTTP1ServerConnection(
                loop: loop, socket, limits: limits, handler: handler
            ) { [weak self] closed in self?.connections[ObjectIdentifier(closed)] = nil }
            connections[ObjectIdentifier(connection)] = connection
        } catch {
            // The kernel watches no more descriptors: the client sees its connection closed.
            refused &+= 1
        }
    }
}
