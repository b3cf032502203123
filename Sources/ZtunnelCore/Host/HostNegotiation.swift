import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import NodeCore
import TLSEngine

/// One TLS handshake of a tunnel to the host: whose certificate it was answered with, and the wait for one that has not arrived.
/// Confined to its worker's loop.
final class HostNegotiation {
    private let host: HostInbound
    private let local: SocketAddress
    private var identity: SPIFFEIdentity?
    private var hasTimedOut = false

    /// A handshake with a client that connected to `local`.
    init(host: HostInbound, local: SocketAddress) {
        self.host = host
        self.local = local
    }

    /// The answer to the ClientHello.
    func choose(_ serverName: String?) -> TLSServerChoice {
        switch host.certificate(for: serverName, at: local) {
        case .refuse(let reason):
            return .refuse(reason)
        case .identity(let identity):
            self.identity = identity
            return certificate(of: identity)
        }
    }

    private func certificate(of identity: SPIFFEIdentity) -> TLSServerChoice {
        switch host.worker.context(for: identity, role: .server) {
        case .ready(let context):
            return .use(context)
        case .failed(let reason):
            return .refuse("identity error: \(reason)")
        case .pending where hasTimedOut:
            return .refuse("identity error: no certificate for \(identity.uri) has arrived yet")
        case .pending:
            return .wait { [self] resume in
                host.waitForCertificate(of: identity) { [self] timedOut in
                    hasTimedOut = timedOut
                    resume()
                }
            }
        }
    }

    /// Hands the tunnel to a workload with the identity; where none is left, it closes.
    func finish(_ tunnel: Tunnel) {
        guard let identity, let server = host.servers(of: identity).first else { return tunnel.close(.noError) }
        server.serve(tunnel)
    }
}
