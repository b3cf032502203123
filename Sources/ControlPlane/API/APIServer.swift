import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import MeshModel
import NIOCore
import NIOSSL
import ServiceLifecycle
import SwiftASN1
import X509

/// HTTPS of the resource API: mutual TLS, one `APICall` a request. Everything that is decided is in `ResourceAPI`.
package struct APIServer: ServiceLifecycle.Service {
    private let api: ResourceAPI
    private let host: String
    private let port: Int
    private let roots: String
    private let certificates: ServerCertificateSource
    private let gate: ConnectionGate
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// A server that listens on `host:port` once it runs; `onListening` gets the real port.
    package init(
        api: ResourceAPI, host: String, port: Int, rootsPEM: String, certificates: ServerCertificateSource,
        connections: ConnectionLimits = .api, metrics: ControlMetrics = ControlMetrics(), logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.api = api
        self.host = host
        self.port = port
        self.roots = rootsPEM
        self.certificates = certificates
        gate = ConnectionGate("api", connections, metrics: metrics)
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until graceful shutdown.
    package func run() async throws {
        let current = certificates.sslContextConfigurationOverride
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: current.certificateChain ?? [], privateKey: current.privateKey ?? .file(""))
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(roots.utf8)))
        // A client without a certificate of our roots does not get past the handshake.
        tls.certificateVerification = .noHostnameVerification
        tls.minimumTLSVersion = .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        tls.sslContextCallback = { [certificates] _, promise in
            promise.succeed(certificates.sslContextConfigurationOverride)
        }
        let server = HTTPServerBuilder { [gate, tls] responder in
            let http = HTTP1Channel(
                responder: responder, configuration: .init(idleTimeout: TimeAmount(gate.limits.idleDeadline)))
            return GuardedChannel(
                try TLSChannel(http, tlsConfiguration: tls), gate: gate, proof: .clientCertificate)
        }
        let application = Application(
            responder: CallbackResponder { [self] request, context in try await respond(request, context) },
            server: server,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "ambitd"),
            onServerRunning: { [onListening] channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: quiet(logger))
        try await application.run()
    }

    private func respond(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        guard let user = await user(context.channel) else {
            return refusal(
                401, "Unauthorized", "no client certificate that says who you are; use ambitd's admin.kubeconfig")
        }
        // Served as the certificate's own user, a request on another's behalf would be done by the wrong one.
        if request.headers.contains(where: { $0.name.canonicalName.hasPrefix("impersonate-") }) {
            return refusal(
                403, "Forbidden", "impersonation is not served: use the client certificate of the user that is meant")
        }
        let body: [UInt8]
        do {
            body = try await self.body(of: request)
        } catch is BodyTimeout {
            return refusal(
                408, "Timeout", "the request body did not arrive within \(gate.limits.bodyDeadline); send it again")
        } catch {
            return refusal(
                413, "RequestEntityTooLarge", "the request body is larger than \(api.limits.maximumBody) bytes")
        }
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters { query[String(name)] = String(value) }
        let contentType = request.headers[.contentType].map {
            String($0.prefix { $0 != ";" }).lowercased()
        }
        let path = request.uri.path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        var call = APICall(
            method: request.method.rawValue, path: "", query: query, contentType: contentType ?? "application/json",
            accept: request.headers[.accept] ?? "", body: body, user: user)
        call.path = path
        return response(await api.answer(call))
    }

    private struct BodyTimeout: Error {}

    /// The whole body, within its bounds of size and time.
    private func body(of request: Request) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { [limit = api.limits.maximumBody] in
                var request = request
                return Array(buffer: try await request.collectBody(upTo: limit))
            }
            group.addTask { [deadline = gate.limits.bodyDeadline] in
                try await Task.sleep(for: deadline)
                return nil
            }
            defer { group.cancelAll() }
            guard let body = try await group.next() ?? nil else { throw BodyTimeout() }
            return body
        }
    }

    private func refusal(_ status: Int, _ reason: String, _ message: String) -> Response {
        response(APIReply(status, .document(APIFailure(status, reason, message).document)))
    }

    private func response(_ reply: APIReply) -> Response {
        var headers = HTTPFields()
        for warning in reply.warnings {
            let text = warning.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            if let name = HTTPField.Name("Warning") {
                headers.append(HTTPField(name: name, value: "299 - \"\(text)\""))
            }
        }
        let status = HTTPResponse.Status(code: reply.status)
        switch reply.body {
        case .document(let document):
            headers[.contentType] = "application/json"
            return Response(
                status: status, headers: headers,
                body: ResponseBody(byteBuffer: ByteBuffer(string: document.compactText + "\n")))
        case .text(let text):
            headers[.contentType] = "text/plain; charset=utf-8"
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        case .binary(let bytes, let type):
            headers[.contentType] = type
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .events(let events):
            headers[.contentType] = "application/json"
            return Response(
                status: status, headers: headers,
                body: ResponseBody { writer in
                    // A watch has no end of its own: it must not hold up a shutdown.
                    for try await event in events.cancelOnGracefulShutdown() {
                        try await writer.write(ByteBuffer(string: event.compactText + "\n"))
                    }
                    try await writer.finish(nil)
                })
        }
    }

    /// The user of a connection's client certificate: common name and organizations of its subject.
    private func user(_ channel: any Channel) async -> APIUser? {
        guard let peer = try? await channel.nioSSL_peerCertificate().get(), let bytes = try? peer.toDERBytes(),
            let certificate = try? Certificate(derEncoded: bytes)
        else { return nil }
        var user = APIUser(
            name: "", groups: [],
            validity: certificate.notValidBefore..<max(certificate.notValidBefore, certificate.notValidAfter))
        for attribute in certificate.subject.flatMap({ Array($0) }) {
            if attribute.type == .RDNAttributeType.commonName { user.name = attribute.value.description }
            if attribute.type == .RDNAttributeType.organizationName { user.groups.append(attribute.value.description) }
        }
        return user
    }

    /// Connection-level noise of the HTTP library (a client that goes away) is not for the person at 3 a.m.
    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}

/// The request context of the API server: it keeps the connection, whose certificate says who asks.
private struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
