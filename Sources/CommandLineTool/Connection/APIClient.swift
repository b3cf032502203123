import AsyncHTTPClient
import Foundation
import MeshModel
import NIOCore
import NIOHTTP1
import NIOSSL

/// Requests to ambitd's resource API (the Kubernetes resource protocol) over mutual TLS. One value serves one command;
/// its connections live until `shutdown`. Every request has a deadline and every answer a bound.
struct APIClient: Sendable {
    /// How long one request may take unless `--request-timeout` says otherwise.
    static let defaultTimeoutSeconds = 15
    /// The largest answer that is read, in bytes: a list of some ten thousand objects.
    static let maximumAnswer = 256 << 20

    /// The server and the namespace to use by default.
    let kubeconfig: Kubeconfig
    let http: HTTPClient
    private let timeout: TimeAmount

    /// Prepares TLS; opens no connection yet.
    init(_ kubeconfig: Kubeconfig, timeoutSeconds: Int) throws(CommandFailure) {
        self.kubeconfig = kubeconfig
        self.timeout = .seconds(Int64(timeoutSeconds))
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = try Self.transportSecurity(kubeconfig)
        configuration.httpVersion = .http1Only
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(Int64(timeoutSeconds))
        // A server that is not there is reported at once, not after many tries.
        configuration.connectionPool.retryConnectionEstablishment = false
        self.http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes all connections.
    func shutdown() async throws {
        try await http.shutdown()
    }

    /// Sends one request and reads the whole answer. Refusals of the server are thrown with its own words.
    func send(_ request: APIRequest) async throws -> APIAnswer {
        let answer = try await exchange(request)
        guard (200..<300).contains(answer.status) else {
            throw APIRefusal(answer, request: request, server: kubeconfig.server)
        }
        return answer
    }

    /// As `send`, but nil if the object (or the kind, or the namespace) is not there.
    func sendUnlessMissing(_ request: APIRequest) async throws -> APIAnswer? {
        do {
            return try await send(request)
        } catch let refusal as APIRefusal where refusal.status == 404 {
            return nil
        }
    }

    /// Starts a request whose answer goes on (watch), line by line; without a deadline, until cancelled or closed.
    func lines(_ request: APIRequest) async throws -> LineSequence {
        let response: HTTPClientResponse
        do {
            response = try await http.execute(wire(request), deadline: .distantFuture)
        } catch {
            throw problem(error)
        }
        guard response.status.code == 200 else {
            let body = try await response.body.collect(upTo: Self.maximumAnswer)
            throw APIRefusal(
                APIAnswer(status: Int(response.status.code), warnings: [], body: Array(buffer: body)),
                request: request, server: kubeconfig.server)
        }
        return LineSequence(body: response.body)
    }

    private func exchange(_ request: APIRequest) async throws -> APIAnswer {
        do {
            let response = try await http.execute(wire(request), timeout: timeout)
            let body = try await response.body.collect(upTo: Self.maximumAnswer)
            return APIAnswer(
                status: Int(response.status.code),
                warnings: response.headers["Warning"].map(APIAnswer.warningText), body: Array(buffer: body))
        } catch {
            throw problem(error)
        }
    }

    /// Why a request did not get through. A server closes a connection with an expired certificate without a word that TLS 1.3
    /// brings to the request, so the certificate itself is looked at first.
    private func problem(_ error: any Error) -> CommandFailure {
        if ConnectionProblem.systemError(error) == nil, let end = certificateEnd, end <= Terminal.current.now() {
            return CommandFailure(
                "the client certificate in \(kubeconfig.path) expired at \(end.ISO8601Format())",
                next:
                    "have an administrator write a new one with \"ambitctl kubeconfig\"; the administrator's own is renewed "
                    + "when ambitd starts")
        }
        return ConnectionProblem.failure(error, server: kubeconfig.server, path: kubeconfig.path)
    }

    /// When our certificate expires.
    private var certificateEnd: Date? {
        guard let pem = kubeconfig.credentials?.certificate,
            let leaf = (try? NIOSSLCertificate.fromPEMBytes(pem))?.first
        else { return nil }
        return Date(timeIntervalSince1970: Double(leaf.notValidAfter))
    }

    private func wire(_ request: APIRequest) -> HTTPClientRequest {
        var wire = HTTPClientRequest(url: kubeconfig.server + request.target)
        wire.method = HTTPMethod(rawValue: request.method.rawValue)
        wire.headers.add(name: "Accept", value: "application/json")
        wire.headers.add(name: "User-Agent", value: "ambitctl/\(Release.version)")
        if let body = request.body {
            wire.headers.add(name: "Content-Type", value: request.contentType)
            wire.body = .bytes(Array(body.utf8))
        }
        return wire
    }

    private static func transportSecurity(_ kubeconfig: Kubeconfig) throws(CommandFailure) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        do {
            if let authority = kubeconfig.authority {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority))
            }
            if let credentials = kubeconfig.credentials {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(credentials.certificate)
                    .map { .certificate($0) }
                configuration.privateKey = .privateKey(
                    try NIOSSLPrivateKey(bytes: credentials.key, format: .pem))
            }
        } catch {
            throw CommandFailure(
                "\(kubeconfig.path): a certificate or key in it is not PEM that can be read",
                next: "copy the file again from ambitd's state directory")
        }
        return configuration
    }
}
