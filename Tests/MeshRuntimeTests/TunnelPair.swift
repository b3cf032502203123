import HTTPWire
import LinuxSystem
import MeshRuntime
import TLSEngine
import Testing

/// Both ends of a tunnel on one loop: `serve` gets each stream at the server, `ready` the client's end. `hop`, where there is one, is
/// given where the server listens and says where the client connects to instead.
func tunnelPair(
    _ loop: EventLoop, _ configuration: HTTP2Configuration = HTTP2Configuration(),
    hop: ((SocketAddress) throws -> SocketAddress)? = nil, serve: @escaping (TunnelStream) -> Void,
    ready: @escaping (Tunnel) -> Void
) throws {
    let pair = try Certificates.shared.get()
    let listening = try Socket.listen(on: .loopback4(port: 0))
    let behind = try Socket.localAddress(listening.raw)
    let listener = try Listener(loop: loop, socket: listening) { socket, _ in
        Tunnel.accept(
            loop: loop, socket: socket, contexts: .fixed(pair.server), configuration: configuration,
            handshakeTimeout: .seconds(10),
            onReady: { tunnel in tunnel.onRequest = { stream, _ in serve(stream) } },
            onFailure: { _ = Issue.record("\($0)") })
    }
    // Lives as long as the loop.
    loop.schedule(after: .seconds(3600)) { listener.close() }
    let address = try hop?(behind) ?? behind
    Tunnel.dial(
        loop: loop, socket: try Socket.tcp(for: address), to: address, tls: pair.client, serverName: nil,
        expectedIdentities: nil, configuration: configuration, timeout: .seconds(10)
    ) { result in
        guard case .success(let tunnel) = result else {
            Issue.record("\(result)")
            return
        }
        ready(tunnel)
    }
}

extension HTTP2Configuration {
    /// As small as the protocol allows: what two streams leave behind exhausts it.
    static var narrow: HTTP2Configuration {
        var configuration = HTTP2Configuration()
        configuration.connectionWindow = 65_535
        configuration.initialStreamWindow = 50_000
        configuration.keepAlivePing = nil
        return configuration
    }
}

extension ByteChannel {
    func send(_ text: String) {
        var text = text
        text.withUTF8 { unsafe send(UnsafeRawBufferPointer($0)) }
    }
}
