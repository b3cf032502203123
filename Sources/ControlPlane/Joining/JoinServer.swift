import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import MeshModel
import NIOCore
import NIOSSL
import ServiceLifecycle

/// HTTPS for hosts that have no certificate yet, on a port of its own (docs/design/joining.md): what the mesh is, and joining. Everything
/// that is decided is in `JoinService`.
///
/// The only part of ambitd that strangers can talk to, so it does nothing else and everything is bounded: connections, time,
/// bytes, requests a minute.
package struct JoinServer: ServiceLifecycle.Service {
    private let service: JoinService
    private let host: String
    private let port: Int
    private let certificates: ServerCertificateSource
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// A server that listens on `host:port` once it runs; `onListening` gets the real port.
    package init(
        service: JoinService, host: String, port: Int, certificates: ServerCertificateSource, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.service = service
        self.host = host
        self.port = port
        self.certificates = certificates
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until graceful shutdown.
    package func run() async throws {
        let current = certificates.sslContextConfigurationOverride
        guard let chain = current.certificateChain, let key = current.privateKey else {
            throw DaemonError("the join server has no certificate")
        }
        var tls = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
        tls.minimumTLSVersion = .tlsv13
        tls.applicationProtocols = ["http/1.1"]
        tls.sslContextCallback = { [certificates] _, promise in
            promise.succeed(certificates.sslContextConfigurationOverride)
        }
        let limits = service.limits
        let idle = TimeAmount.nanoseconds(Int64(limits.requestTime / .nanoseconds(1)))
        var quiet = logger
        // Connection-level noise of the HTTP library is a stranger's to make.
        quiet.logLevel = .critical
        let application = Application(
            responder: CallbackResponder { [self] request, context in try await respond(request, context) },
            server: try .tls(
                .http1(
                    configuration: .init(
                        idleTimeout: idle,
                        httpDecoderConfiguration: .init(
                            maxHeaderFieldSize: 4_096, maxHeaderListSize: 8_192, maxHeaderFieldCount: 32))),
                tlsConfiguration: tls),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "ambitd",
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)),
            onServerRunning: { [onListening] channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: quiet)
        try await application.run()
    }

    private func respond(_ request: Request, _ context: StrangerContext) async throws -> Response {
        guard service.admits(context.address) else {
            let refusal = JoinRefusal(.rate, "too many requests; wait a minute and try again")
            return answer(refusal.status, refusal.document.compactText + "\n")
        }
        switch (request.method, request.uri.path) {
        case (.get, "/ambit/v1/mesh"): return answer(200, service.meshDocument.compactText + "\n")
        case (.post, "/ambit/v1/join"):
            let body = await body(of: request)
            do throws(JoinRefusal) {
                return answer(200, try await service.join(body, from: context.address).compactText + "\n")
            } catch {
                return answer(error.status, error.document.compactText + "\n")
            }
        default:
            return answer(404, "{\"message\":\"this port only takes new nodes; see `ambitctl join --help`\"}\n")
        }
    }

    /// The body, nil where it is too large or does not come in time: a client that sends a byte now and then does not hold its
    /// place.
    private func body(of request: Request) async -> [UInt8]? {
        let limits = service.limits
        let body = try? await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                var request = request
                return Array(buffer: try await request.collectBody(upTo: limits.requestBytes))
            }
            group.addTask {
                try await Task.sleep(for: limits.requestTime)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        return body ?? nil
    }

    private func answer(_ status: Int, _ text: String) -> Response {
        Response(
            status: HTTPResponse.Status(code: status), headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

/// The request context of the join server: where the request came from.
private struct StrangerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let address: String

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? "an unknown address"
    }
}
