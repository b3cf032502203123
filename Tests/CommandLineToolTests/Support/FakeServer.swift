import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// An HTTP/1.1 server in this process, on a free port of the loopback interface or on a unix socket, whose answers are a
/// closure's. With TLS it asks for a client certificate of the test authority, as ambitd does.
final class FakeServer: Sendable {
    struct Request: Sendable {
        var method: String
        var path: String
        var query: [String: String]
        var contentType: String?
        var body: [UInt8]
    }

    struct Answer: Sendable {
        var status = 200
        var headers: [String: String] = [:]
        var body: String
    }

    typealias Handler = @Sendable (Request) -> Answer

    private let channel: any Channel

    private init(channel: any Channel) {
        self.channel = channel
    }

    /// Listens on 127.0.0.1, on a port that the system chooses.
    static func start(tls: Bool, handler: @escaping Handler) async throws -> FakeServer {
        let context = tls ? try NIOSSLContext(configuration: serverSecurity()) : nil
        return FakeServer(
            channel: try await bootstrap(context: context, handler).bind(host: "127.0.0.1", port: 0).get())
    }

    /// Listens on a unix socket.
    static func start(socket: String, handler: @escaping Handler) async throws -> FakeServer {
        FakeServer(
            channel: try await bootstrap(context: nil, handler).bind(unixDomainSocketPath: socket).get())
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    func stop() async throws {
        try await channel.close()
    }

    private static func serverSecurity() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(Fixture.path("server.crt")).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: Fixture.path("server.key"), format: .pem)))
        configuration.trustRoots = .file(Fixture.path("ca.crt"))
        configuration.certificateVerification = .noHostnameVerification
        return configuration
    }

    private static func bootstrap(context: NIOSSLContext?, _ handler: @escaping Handler) -> ServerBootstrap {
        ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(FakeExchange(handler))
                }
            }
    }
}

/// Collects one request, answers it, and closes: the simplest correct server.
private final class FakeExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let handler: FakeServer.Handler
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ handler: @escaping FakeServer.Handler) {
        self.handler = handler
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let part): body += Array(buffer: part)
        case .end: answer(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head, let url = URLComponents(string: head.uri) else { return }
        let items = (url.queryItems ?? []).map { ($0.name, $0.value ?? "") }
        let answer = handler(
            FakeServer.Request(
                method: head.method.rawValue, path: url.path, query: Dictionary(items) { $1 },
                contentType: head.headers.first(name: "Content-Type"), body: body))
        var headers = HTTPHeaders(answer.headers.map { ($0.key, $0.value) })
        headers.replaceOrAdd(name: "Content-Length", value: "\(answer.body.utf8.count)")
        headers.replaceOrAdd(name: "Connection", value: "close")
        let response = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }
}
