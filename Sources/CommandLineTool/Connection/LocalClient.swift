import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Requests to the ztunnel of this host, in plain HTTP/1.1: to its control socket (only root may connect) or to its admin
/// pages on the loopback interface.
struct LocalClient: Sendable {
    /// How long one request may take, in seconds.
    static let timeoutSeconds = 15
    /// The largest answer that is read, in bytes: a config dump of a large mesh.
    static let maximumAnswer = 1 << 30

    private let base: String
    /// The socket or address, for messages.
    private let place: String
    private let isSocket: Bool

    /// The control socket in ztunnel's run directory.
    static func control(runDirectory: String) -> LocalClient {
        let socket = runDirectory + "/ztunnel.sock"
        let escaped = socket.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? socket
        return LocalClient(base: "http+unix://\(escaped)", place: socket, isSocket: true)
    }

    /// The admin pages at `HOST:PORT`.
    static func admin(address: String) -> LocalClient {
        LocalClient(base: "http://\(address)", place: address, isSocket: false)
    }

    /// Sends one request and returns the answer, whatever its status; throws if there is none. Admin pages answer 200 or
    /// it is a failure.
    func send(
        _ method: APIRequest.Method, _ path: String, query: [(name: String, value: String)] = [], body: String? = nil
    ) async throws -> APIAnswer {
        let request = APIRequest(method, path, query: query, body: body)
        var wire = HTTPClientRequest(url: base + request.target)
        wire.method = HTTPMethod(rawValue: method.rawValue)
        wire.headers.add(name: "Host", value: isSocket ? "localhost" : place)
        if let body {
            wire.headers.add(name: "Content-Type", value: "application/json")
            wire.body = .bytes(Array(body.utf8))
        }
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let answer: APIAnswer
        do {
            let response = try await http.execute(wire, timeout: .seconds(Int64(Self.timeoutSeconds)))
            let bytes = try await response.body.collect(upTo: Self.maximumAnswer)
            answer = APIAnswer(status: Int(response.status.code), warnings: [], body: Array(buffer: bytes))
            try? await http.shutdown()
        } catch {
            try? await http.shutdown()
            throw failure(error)
        }
        if !isSocket, answer.status != 200 {
            // The first line is the reason; what follows is the page's own help.
            let text = String(decoding: answer.body.prefix { $0 != UInt8(ascii: "\n") }.prefix(1000), as: UTF8.self)
            throw CommandFailure(
                "http://\(place)\(path) answered \(answer.status): \(text)",
                next: answer.status == 400
                    ? "correct the value given" : "check that \(place) is ztunnel's admin address")
        }
        return answer
    }

    private func failure(_ error: any Error) -> CommandFailure {
        let code = ConnectionProblem.systemError(error)
        let start = "start it: systemctl start ztunnel"
        switch (code, isSocket) {
        case (EACCES?, true), (EPERM?, true):
            return CommandFailure("\(place): permission denied", next: "run as root (sudo)")
        case (ENOENT?, true):
            return CommandFailure(
                "\(place): no such socket: ztunnel does not run on this host, or has another run directory",
                next: "\(start), or name its run directory with --run-dir or AMBIT_RUN_DIR")
        case (ECONNREFUSED?, true):
            return CommandFailure("\(place): nobody listens: ztunnel has stopped", next: start)
        case (let code?, false):
            return CommandFailure(
                "no ztunnel answers at http://\(place): \(String(cString: strerror(code)))",
                next: "\(start) on this host, run this where ztunnel runs, or point to it with --admin-address")
        default:
            return CommandFailure("\(place): \(error)", next: NodeService.seeLog)
        }
    }
}
