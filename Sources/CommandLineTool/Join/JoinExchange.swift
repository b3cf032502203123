import AsyncHTTPClient
import Foundation
import MeshModel
import NIOCore
import NIOHTTP1
import NIOSSL

/// The conversation of a joining host with ambitd (docs/design/joining.md).
///
/// First, over TLS that proves nothing, it asks what the mesh is: public facts, nothing is sent. The root among them must be the
/// one that the token pins. Only then, over TLS that is verified against that root and the address, it sends the token.
struct JoinExchange {
    /// How long one request may take, in seconds.
    static let timeoutSeconds: Int64 = 15
    /// The largest answer that is read, in bytes.
    static let maximumAnswer = 1 << 20
    /// Seconds that this host's clock and ambitd's may differ: certificates are backdated by two minutes.
    static let clockTolerance: TimeInterval = 100

    let token: JoinToken
    let endpoint: JoinEndpoint
    let now: @Sendable () -> Date

    /// Runs the conversation; throws what a person needs to know.
    func run() async throws -> Membership {
        let mesh = try await ask(trusting: nil, "/ambit/v1/mesh", body: nil)
        let roots = RootPin.matching(token.rootPin, in: mesh["roots"]?.asString ?? "")
        guard !roots.isEmpty else {
            throw CommandFailure(
                "\(endpoint) is not the ambitd that made this token: its root certificate has another key. Nothing was sent to it. "
                    + "Somebody may be impersonating it",
                next:
                    "check the address and the network between; if ambitd has a new certificate authority, make a new token"
            )
        }
        try checkClock(mesh["time"]?.asString)
        let key = NodeKey()
        // A wrong trust domain, from whoever answered first, only makes ambitd refuse the request.
        let trustDomain = mesh["trustDomain"]?.asString ?? Defaults.trustDomain
        let request = JSONValue(members: [
            ("token", .string(token.id)), ("secret", .string(token.secret)), ("node", .string(token.node)),
            ("csr", .string(try key.request(node: token.node, trustDomain: trustDomain))),
        ])
        let answer = try await ask(trusting: roots, "/ambit/v1/join", body: request.compactText)
        return try membership(answer, key: key)
    }

    private func membership(_ answer: JSONValue, key: NodeKey) throws(CommandFailure) -> Membership {
        guard let node = answer["node"]?.asString, node == token.node, let chain = answer["certificate"]?.asString,
            let roots = answer["roots"]?.asString, let trustDomain = answer["trustDomain"]?.asString,
            let port = answer["controlPort"]?.integer, key.isKey(ofChain: chain)
        else {
            throw CommandFailure(
                "\(endpoint) took the token, but its answer is not a certificate for node \(token.node) and the key made here",
                next: "check that ambitd and ambitctl are of one version; then make a new token with --replace")
        }
        return Membership(
            node: node, trustDomain: trustDomain, certificate: chain, key: key.pem, roots: roots,
            notAfter: answer["notAfter"]?.asString ?? "", controlPort: port, grants: answer["grants"]?.strings ?? [])
    }

    private func checkClock(_ text: String?) throws(CommandFailure) {
        guard let text, let theirs = Age.date(text) else { return }
        let ahead = now().timeIntervalSince(theirs)
        guard abs(ahead) > Self.clockTolerance else { return }
        let difference = Age.text(seconds: Int(min(abs(ahead), 1e9)))
        throw CommandFailure(
            "the clock of this host is \(difference) \(ahead > 0 ? "ahead of" : "behind") ambitd's (\(text)): certificates would not be "
                + "valid here. The token was not used",
            next: "set the clock (timedatectl set-ntp true), on the host whose clock is wrong, and join again")
    }

    /// One request; `roots` nil: whoever answers is taken for it, so only what is public may be sent.
    private func ask(trusting roots: [String]?, _ path: String, body: String?) async throws -> JSONValue {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv13
        if let roots {
            tls.trustRoots = .certificates(
                try roots.map { try NIOSSLCertificate(bytes: Array($0.utf8), format: .pem) })
        } else {
            tls.certificateVerification = .none
        }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.httpVersion = .http1Only
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(Self.timeoutSeconds)
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var request = HTTPClientRequest(url: "https://\(endpoint)\(path)")
        request.headers.add(name: "User-Agent", value: "ambitctl/\(Release.version)")
        if let body {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(Array(body.utf8))
        }
        let answer: APIAnswer
        do {
            let response = try await http.execute(request, timeout: .seconds(Self.timeoutSeconds))
            let bytes = try await response.body.collect(upTo: Self.maximumAnswer)
            answer = APIAnswer(status: Int(response.status.code), warnings: [], body: Array(buffer: bytes))
            try? await http.shutdown()
        } catch {
            try? await http.shutdown()
            throw JoinProblem.failure(error, endpoint: endpoint)
        }
        guard answer.status == 200 else { throw JoinProblem.refusal(answer, endpoint: endpoint) }
        return answer.value ?? .null
    }
}
