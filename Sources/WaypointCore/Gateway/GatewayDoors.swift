import LinuxSystem
import MeshModel
import MeshPolicy
import MeshRuntime
import NodeCore

/// One worker's listeners on the ports of a gateway, and the clients that have come in by them. Confined to the worker's loop.
final class GatewayDoors {
    private unowned let worker: WaypointWorker
    private var listeners: [GatewayPort.Address: Listener] = [:]
    private var connections: [ObjectIdentifier: GatewayConnection] = [:]

    init(_ worker: WaypointWorker) {
        self.worker = worker
    }

    /// Clients that are being served.
    var count: Int { connections.count }

    /// Accepts from a duplicate of the socket of `address`.
    func open(_ address: GatewayPort.Address, _ copy: SocketHandover) {
        guard !worker.isDraining, let socket = copy.take() else { return }
        do throws(Errno) {
            listeners.removeValue(forKey: address)?.close()
            listeners[address] = try Listener(loop: worker.loop, socket: socket, isShared: true) {
                [unowned self] socket, peer in
                accept(socket, peer, address)
            }
        } catch {
            worker.warn("\(address) is not served by one of the workers: \(error)")
        }
    }

    /// Accepts no more there.
    func close(_ address: GatewayPort.Address) {
        listeners.removeValue(forKey: address)?.close()
    }

    /// Accepts no more anywhere. Clients that are there may finish; what is spoken with them is told by `WaypointWorker.draining`.
    func drain() {
        for listener in listeners.values { listener.close() }
        listeners = [:]
    }

    private func accept(_ socket: consuming Descriptor, _ peer: SocketAddress, _ address: GatewayPort.Address) {
        guard count < worker.configuration.limits.connections else { return worker.rejected(.connections) }
        guard worker.admitsContent() else { return }
        worker.refresh()
        // The port is about to be closed.
        guard let port = worker.routing.gateway?.ports[address] else { return }
        _ = try? Socket.setKeepAlive(socket.raw)
        let connection = TCPConnection(loop: worker.loop, socket: socket, peer: peer)
        enter(.over(connection), .outside(TransportAddress(peer), to: TransportAddress(connection.local)), port)
    }

    /// Serves a client at a port. `channel` was not started.
    func enter(_ channel: ByteChannel, _ client: GatewayConnection.Client, _ port: GatewayPort) {
        let connection = GatewayConnection(worker: worker, channel: channel, client: client, port: port)
        connections[ObjectIdentifier(connection)] = connection
        worker.began()
        connection.begin { [weak self, unowned connection] in
            guard let self else { return }
            connections[ObjectIdentifier(connection)] = nil
            worker.ended()
        }
    }
}
