import HTTPWire
import LinuxSystem
import MeshRuntime
import TLSEngine

/// Both ends of a tunnel on one loop: applications connect to `entry`, their bytes leave at `exit` towards `upstream`.
final class TestMesh {
    let loop: EventLoop
    let certificates: Certificates.Pair
    private(set) var listeners: [Listener] = []
    private(set) var entry = SocketAddress.loopback4(port: 0)
    private(set) var exit = SocketAddress.loopback4(port: 0)
    private(set) var upstream = SocketAddress.loopback4(port: 0)
    /// The client ends and server ends of tunnels.
    private(set) var clients: [Tunnel] = []
    private(set) var servers: [Tunnel] = []
    private(set) var relays: [Relay] = []
    /// Reports of the relays at the entry and at the exit.
    private(set) var entryReports: [RelayReport] = []
    private(set) var exitReports: [RelayReport] = []
    private(set) var closures: [TunnelClosure] = []
    private(set) var failures: [TunnelFailure] = []
    private var waiting: [TCPConnection] = []
    private var dialling = false
    var configuration = HTTP2Configuration()
    var streamsPerTunnel = 100
    /// Sizes of the kernel's buffers of upstream and application sockets; nil leaves them to the kernel.
    var socketBuffer: CInt?
    /// The application behind the exit.
    var onUpstream: (consuming Descriptor) -> Void = { _ in }

    init(_ loop: EventLoop) throws {
        self.loop = loop
        certificates = try Certificates.shared.get()
        // Lives as long as the loop.
        loop.schedule(after: .seconds(3600)) { [self] in _ = self }
        let application = try Socket.listen(on: .loopback4(port: 0))
        upstream = try Socket.localAddress(application.raw)
        listeners.append(
            try Listener(loop: loop, socket: application) { [unowned self] socket, _ in
                if let socketBuffer {
                    try? Socket.setBufferSizes(socket.raw, send: socketBuffer, receive: socketBuffer)
                }
                onUpstream(socket)
            })
        let inbound = try Socket.listen(on: .loopback4(port: 0))
        exit = try Socket.localAddress(inbound.raw)
        listeners.append(
            try Listener(loop: loop, socket: inbound) { [unowned self] socket, peer in
                Tunnel.accept(
                    loop: loop, socket: socket, peer: peer, contexts: .fixed(certificates.server),
                    configuration: configuration, handshakeTimeout: .seconds(10),
                    onReady: { [unowned self] in serve($0) }, onFailure: { [unowned self] in failures.append($0) })
            })
        let captured = try Socket.listen(on: .loopback4(port: 0))
        entry = try Socket.localAddress(captured.raw)
        listeners.append(
            try Listener(loop: loop, socket: captured) { [unowned self] socket, peer in
                if let socketBuffer {
                    try? Socket.setBufferSizes(socket.raw, send: socketBuffer, receive: socketBuffer)
                }
                capture(TCPConnection(loop: loop, socket: socket, peer: peer))
            })
    }

    /// An application's connection to the entry, as a raw nonblocking socket.
    func application() throws -> Descriptor {
        let socket = try Socket.tcp(for: entry)
        if let socketBuffer { try Socket.setBufferSizes(socket.raw, send: socketBuffer, receive: socketBuffer) }
        _ = try Socket.connect(socket.raw, to: entry)
        return socket
    }

    /// The same, watched by the loop.
    func watchedApplication(_ body: @escaping (TCPConnection) -> Void) throws {
        let socket = try Socket.tcp(for: entry)
        TCPConnection.connect(loop: loop, socket: socket, to: entry, timeout: .seconds(10)) {
            if case .success(let connection) = $0 { body(connection) }
        }
    }

    private func capture(_ connection: TCPConnection) {
        if let tunnel = clients.last(where: { $0.isOpenForNewStreams && $0.activeStreams < streamsPerTunnel }) {
            return send(connection, tunnel)
        }
        waiting.append(connection)
        guard !dialling, let socket = try? Socket.tcp(for: exit) else { return }
        dialling = true
        Tunnel.dial(
            loop: loop, socket: socket, to: exit, tls: certificates.client, serverName: "echo.test.cluster.local",
            expectedIdentities: nil, configuration: configuration, timeout: .seconds(10)
        ) { [unowned self] result in
            dialling = false
            switch result {
            case .failure(let failure): failures.append(failure)
            case .success(let tunnel):
                clients.append(tunnel)
                tunnel.onClosed = { [unowned self] in closures.append($0) }
            }
            let list = waiting
            waiting = []
            for connection in list { capture(connection) }
        }
    }

    private func send(_ connection: TCPConnection, _ tunnel: Tunnel) {
        let stream = tunnel.open(
            .connect(authority: upstream.description),
            onResponse: { [unowned self] stream, fields, _ in
                guard fields.status == 200 else { return connection.reset() }
                relays.append(Relay.start(connection, stream) { [unowned self] in entryReports.append($0) })
            }, onEnd: { _, _ in connection.reset() })
        if stream == nil { connection.reset() }
    }

    private func serve(_ tunnel: Tunnel) {
        servers.append(tunnel)
        tunnel.onRequest = { [unowned self] stream, _ in
            guard let socket = try? Socket.tcp(for: upstream) else { return stream.reset(.refusedStream) }
            if let socketBuffer { try? Socket.setBufferSizes(socket.raw, send: socketBuffer, receive: socketBuffer) }
            TCPConnection.connect(loop: loop, socket: socket, to: upstream, timeout: .seconds(10)) { [unowned self] in
                switch $0 {
                case .success(let connection):
                    stream.respond(.response(status: 200), endStream: false)
                    relays.append(Relay.start(connection, stream) { [unowned self] in exitReports.append($0) })
                case .failure:
                    stream.respond(.response(status: 503), endStream: true)
                }
            }
        }
    }
}
