import Glibc
import HTTPWire
import LinuxSystem
import MeshRuntime
import TLSEngine

/// The smallest proxy that uses every part of the runtime: a pool of tunnels to itself, and relays at both ends.
final class Bench {
    private let loop: EventLoop
    private let upstream: SocketAddress
    private let client: TLSContext
    private let server: TLSContext
    private var listeners: [Listener] = []
    private var tunnels: [Tunnel] = []
    private var waiting: [TCPConnection] = []
    private var dialling = false
    private var tunnelAddress = SocketAddress.loopback4(port: 0)

    init(loop: EventLoop, upstream: SocketAddress, client: TLSContext, server: TLSContext) {
        self.loop = loop
        self.upstream = upstream
        self.client = client
        self.server = server
    }

    func start(listenPort: UInt16, direct: Bool) throws {
        let inbound = try Socket.listen(on: .loopback4(port: 0))
        tunnelAddress = try Socket.localAddress(inbound.raw)
        listeners.append(
            try Listener(loop: loop, socket: inbound) { [unowned self] socket, peer in
                Tunnel.accept(
                    loop: loop, socket: socket, peer: peer, contexts: .fixed(server), handshakeTimeout: .seconds(10),
                    onReady: { [unowned self] in serve($0) }, onFailure: { print("inbound: \($0)") })
            })
        listeners.append(
            try Listener(loop: loop, socket: try Socket.listen(on: .loopback4(port: listenPort))) {
                [unowned self] socket, peer in
                let connection = TCPConnection(loop: loop, socket: socket, peer: peer)
                if direct { passThrough(connection) } else { capture(connection) }
            })
    }

    /// Prints what the heap has handed out, once a second.
    func watchMemory() {
        loop.schedule(after: .seconds(1)) { [unowned self] in
            print("heap \(Memory.heapBytesInUse / 1024) KB, sources \(loop.sourceCount), tunnels \(tunnels.count)")
            fflush(nil)
            watchMemory()
        }
    }

    private func passThrough(_ connection: TCPConnection) {
        guard let socket = try? Socket.tcp(for: upstream) else { return connection.reset() }
        TCPConnection.connect(loop: loop, socket: socket, to: upstream, timeout: .seconds(10)) { result in
            switch result {
            case .success(let other): _ = Relay.start(connection, other) { _ in }
            case .failure: connection.reset()
            }
        }
    }

    private func capture(_ connection: TCPConnection) {
        if let tunnel = tunnels.last(where: { $0.isOpenForNewStreams && $0.activeStreams < 100 }) {
            return send(connection, over: tunnel)
        }
        waiting.append(connection)
        dial()
    }

    private func dial() {
        guard !dialling, let socket = try? Socket.tcp(for: tunnelAddress) else { return }
        dialling = true
        Tunnel.dial(
            loop: loop, socket: socket, to: tunnelAddress, tls: client, serverName: "bench.test.cluster.local",
            expectedIdentities: nil, timeout: .seconds(10)
        ) { [unowned self] result in
            dialling = false
            guard case .success(let tunnel) = result else { return print("outbound: \(result)") }
            tunnels.append(tunnel)
            tunnel.onClosed = { [unowned self, unowned tunnel] closure in
                tunnels.removeAll { $0 === tunnel }
                print("closed: \(closure)")
            }
            let list = waiting
            waiting = []
            for connection in list { capture(connection) }
        }
    }

    private func send(_ connection: TCPConnection, over tunnel: Tunnel) {
        let stream = tunnel.open(
            .connect(authority: upstream.description),
            onResponse: { stream, fields, _ in
                guard fields.status == 200 else { return connection.reset() }
                _ = Relay.start(connection, stream) { _ in }
            }, onEnd: { _, _ in connection.reset() })
        guard let stream else { return connection.reset() }
        connection.onPeerReset {
            stream.reset(.cancel)
            connection.close()
        }
    }

    private func serve(_ tunnel: Tunnel) {
        tunnel.onRequest = { [unowned self] stream, _ in
            guard let socket = try? Socket.tcp(for: upstream) else { return stream.reset(.refusedStream) }
            TCPConnection.connect(loop: loop, socket: socket, to: upstream, timeout: .seconds(10)) { result in
                switch result {
                case .success(let connection):
                    stream.respond(.response(status: 200), endStream: false)
                    _ = Relay.start(connection, stream) { _ in }
                case .failure:
                    stream.respond(.response(status: 503), endStream: true)
                }
            }
        }
    }
}
