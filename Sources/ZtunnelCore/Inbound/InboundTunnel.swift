package import LinuxSystem
package import MeshModel
package import MeshRuntime

/// The server side of one tunnel to a workload (Z 2): its streams, and whose identity its peer proved.
///
/// Confined to its worker's loop; the workload's server holds it until the tunnel has closed.
package final class InboundTunnel {
    /// The workload that the tunnel leads to.
    package let server: WorkloadServer
    /// The transport.
    package let tunnel: Tunnel
    /// The address that the peer connected to.
    package let local: SocketAddress
    /// The peer's identity, shared by the tunnel's connections. TLS has verified the chain and the trust domain; this is
    /// the first URI of the SPIFFE form.
    package let peer: PeerIdentity

    /// Takes over a tunnel whose handshake is done, and serves it until it closes.
    package init(server: WorkloadServer, tunnel: Tunnel, identity: SPIFFEIdentity) {
        self.server = server
        self.tunnel = tunnel
        self.local = tunnel.local
        self.peer = PeerIdentity(identity)
    }

    /// Starts serving requests.
    package func serve() {
        tunnel.onRequest = { [unowned self] stream, fields in
            InboundRequest(tunnel: self, stream: stream).receive(fields)
        }
        tunnel.onClosed = { [unowned self] _ in
            tunnel.onRequest = nil
            server.tunnelClosed(self)
        }
    }
}
