package import GRPCCore
package import GRPCNIOTransportHTTP2Posix
package import Logging
import ServiceLifecycle

/// The gRPC server of the control plane, port 15012: discovery, certificates and node reports over mutual TLS.
///
/// Clients must show a certificate that our roots verify; which node it is, each service reads from it. The server's own
/// certificate is renewed without a restart. Stops gracefully: streams are ended, nodes reconnect elsewhere or later.
package final class ControlServer: ServiceLifecycle.Service {
    private let server: GRPCServer<HTTP2ServerTransport.Posix>
    private let publisher: DiscoveryPublisher
    private let logger: Logger

    /// Prepares the server; nothing is bound before `run`.
    ///
    /// Throws where the certificate cannot be used by the TLS library.
    package init(
        address: SocketAddress, authority: Authority, certificates: ServerCertificateSource,
        publisher: DiscoveryPublisher, services: [any RegistrableRPCService], limits: DiscoveryLimits,
        gate: ConnectionGate, logger: Logger
    ) throws {
        self.publisher = publisher
        self.logger = logger
        let security = try HTTP2ServerTransport.Posix.TransportSecurity.mTLS(certificateReloader: certificates) { tls in
            tls.trustRoots = .certificates([.bytes(Array(authority.rootsPEM.utf8), format: .pem)])
            tls.requireALPN = true
        }
        let transport = HTTP2ServerTransport.Posix(
            address: address, transportSecurity: security,
            config: .defaults { config in
                config.rpc.maxRequestPayloadSize = limits.requestBytes
                config.http2.maxConcurrentStreams = 100
                config.connection.keepalive.time = limits.keepaliveTime
                config.connection.keepalive.timeout = limits.keepaliveTimeout
                config.connection.keepalive.clientBehavior = .init(
                    minPingIntervalWithoutCalls: .seconds(5), allowWithoutCalls: true)
                config.connection.maxIdleTime = gate.limits.idleDeadline
                config.channelDebuggingCallbacks.onAcceptTCPConnection = { channel in
                    ConnectionGuard.install(gate, proof: .clientCertificate, on: channel)
                }
            })
        server = GRPCServer(transport: transport, services: services)
    }

    /// Where it listens, once it does; waits until then. The port is the real one where 0 was asked for.
    package var listeningAddress: SocketAddress {
        get async throws { try await server.transport.listeningAddress }
    }

    /// Serves until graceful shutdown or cancellation.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await server.serve()
        } onGracefulShutdown: {
            self.stop()
        }
    }

    /// Ends all streams and stops.
    package func stop() {
        publisher.close()
        server.beginGracefulShutdown()
    }
}
