import LinuxSystem
import MeshModel
import MeshRuntime
import NodeCore
import TLSEngine

/// What workloads with a network namespace of their own and those of the host have in common when something arrives: captured
/// plaintext up to the workload that it means, tunnels up to the end of the handshake.
extension Worker {
    /// Starts accepting on this worker's handle of a listening socket, now or with `accept`; nil, and a warning, where it
    /// cannot. `owner` is whom the warning names. Connections that the process has no descriptors for are refused here.
    /// `isShared`: by all workloads of the host, see `acceptForHost`.
    func listen(
        _ handover: SocketHandover, of owner: String, isShared: Bool = false,
        _ onAccept: @escaping (consuming Descriptor, SocketAddress) -> Void
    ) -> Listener? {
        guard let socket = handover.take() else { return nil }
        let isHeld = isShared && holdsHost
        do throws(Errno) {
            let listener = try Listener(
                loop: loop, socket: socket, isShared: configuration.workers > 1, keeps: handover.lease,
                isAccepting: isAccepting && !isHeld
            ) { [unowned self] connection, peer in
                guard admits(accepted: connection.raw) else { return }
                onAccept(connection, peer)
            }
            if isHeld { heldListeners.append(listener) } else if !isAccepting { waitingListeners.append(listener) }
            return listener
        } catch {
            log.warn(
                "\(owner): worker \(loop.name) cannot accept connections: \(error); "
                    + "free memory or raise fs.epoll.max_user_watches, then enrol again")
            return nil
        }
    }

    /// Takes a captured plaintext connection and hands it to the workload that `server` finds for where it was going; what
    /// nobody has is reset.
    func acceptPlaintext(
        _ socket: consuming Descriptor, _ peer: SocketAddress, server: (SocketAddress) -> WorkloadServer?
    ) {
        guard canRegister() else { return }
        // A client that vanished is found by nothing else, where no byte is on its way to it.
        _ = try? Socket.setKeepAlive(socket.raw)
        let client = TCPConnection(loop: loop, socket: socket, peer: peer)
        let destination = client.originalDestination ?? client.local
        if Ports.isCaptured(destination.port) {
            log.earlyDenial(source: peer, destination: destination, direction: .inbound, .selfCall)
            return client.reset()
        }
        guard let server = server(destination) else {
            log.earlyDenial(
                source: peer, destination: destination, direction: .inbound, .foreignPort(destination.port))
            return client.reset()
        }
        server.passThrough(client, to: destination)
    }

    /// Takes a place for one more inbound tunnel's handshake; `negotiate`, or `endHandshake`, gives it back. A tunnel without
    /// streams is not in the table, and yet holds a descriptor, so both are counted against the same bound.
    func canBeginTunnel(_ peer: SocketAddress) -> Bool {
        guard canRegister() else { return false }
        guard inboundTunnels < limits.connections else {
            rejected(.connections)
            return false
        }
        return beginHandshake(peer)
    }

    /// Negotiates TLS with a client for which there is a place, and hands the tunnel to `serve`; a failure is logged.
    func negotiate(
        _ socket: consuming Descriptor, _ peer: SocketAddress, _ local: SocketAddress, _ contexts: TLSServerSelection,
        serve: @escaping (Tunnel) -> Void
    ) {
        Tunnel.accept(
            loop: loop, socket: socket, peer: peer, contexts: contexts, configuration: configuration.http2,
            handshakeTimeout: configuration.timeouts.handshake,
            onReady: { [self] tunnel in
                // In this order: a workload that is being stopped has the tunnel before it looks whether anything is left.
                serve(tunnel)
                endHandshake(peer)
            },
            onFailure: { [self] failure in
                endHandshake(peer)
                log.earlyDenial(source: peer, destination: local, direction: .inbound, .tunnel(failure))
            })
    }
}
