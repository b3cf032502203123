package import HTTPWire
import MeshAPI
import SwiftProtobuf

/// `grpc.health.v1.Health/Check` over HTTP/2 without TLS; SERVING is good.
package final class GRPCProbe: ProbeExchange {
    /// Bytes of an answer; a status has two.
    static let messageLimit = 4096

    private let service: String
    private let authority: String
    private let timeout: Duration
    private let userAgent: String
    private var http: HTTP2Connection
    private var decoder = GRPCMessageDecoder(maximumMessageSize: messageLimit)
    private var stream: HTTP2StreamID?
    private var status: Grpc_Health_V1_HealthCheckResponse.ServingStatus?

    /// A question about `service` (empty: the server as a whole).
    package init(service: String, authority: String, timeout: Duration, userAgent: String, now: MonotonicTime) {
        self.service = service
        self.authority = authority
        self.timeout = timeout
        self.userAgent = userAgent
        var configuration = HTTP2Configuration()
        configuration.initialStreamWindow = 65_535
        configuration.connectionWindow = 65_535
        configuration.maxFrameSize = 16_384
        configuration.keepAlivePing = nil
        http = HTTP2Connection(role: .client, configuration: configuration, now: now)
    }

    package func begin() -> [UInt8] {
        let fields = HTTPFieldBlock.grpcRequest(
            path: "/grpc.health.v1.Health/Check", authority: authority, scheme: "http", timeout: timeout,
            userAgent: userAgent)
        let request = Grpc_Health_V1_HealthCheckRequest.with { $0.service = service }
        guard let id = http.openStream(fields, endStream: false),
            let frame = GRPCMessage.frame((try? request.serializedBytes()) ?? [])
        else { return [] }
        stream = id
        var bytes = output()
        // The name of a service is far below the smallest window that HTTP/2 begins with.
        guard http.reserveData(id, upTo: frame.count) == frame.count else { return bytes }
        var header = [UInt8](repeating: 0, count: 9)
        header.withUnsafeMutableBytes { raw in
            guard let base = raw.baseAddress else { return }
            HTTP2Connection.writeDataFrameHeader(length: frame.count, endStream: true, stream: id, into: base)
        }
        http.didSendData(id, byteCount: frame.count, endStream: true)
        bytes += header + frame
        return bytes
    }

    package func receive(
        _ bytes: UnsafeRawBufferPointer, now: MonotonicTime
    ) -> (send: [UInt8], answer: ProbeAnswer?) {
        var events: [HTTP2Event] = []
        http.receive(bytes, now: now, events: &events)
        var answer: ProbeAnswer?
        for event in events {
            answer = answer ?? take(event, bytes)
        }
        return (output(), answer)
    }

    package func ended() -> ProbeAnswer {
        .bad("\(question) was not answered: the connection was closed")
    }

    private func take(_ event: HTTP2Event, _ bytes: UnsafeRawBufferPointer) -> ProbeAnswer? {
        switch event {
        case .headers(let id, let fields, endStream: let isLast) where id == stream:
            if isLast { return ended(GRPCStatus(fields)) }
            if let status = fields.status, status >= 200, !fields.isGRPCResponse { return ended(GRPCStatus(fields)) }
            return nil
        case .data(let id, let range, endStream: let isLast) where id == stream:
            var messages: [[UInt8]] = []
            do throws(GRPCFrameProblem) {
                try decoder.receive(UnsafeRawBufferPointer(rebasing: bytes[range]), messages: &messages)
            } catch {
                return .bad("\(question) was answered with what is no message: \(error)")
            }
            if let message = messages.last {
                status = (try? Grpc_Health_V1_HealthCheckResponse(serializedBytes: message))?.status
            }
            return isLast ? .bad("\(question) was answered without a status") : nil
        case .trailers(let id, let fields) where id == stream: return ended(GRPCStatus(fields, httpStatus: 200))
        case .reset(let id, let code, byPeer: _) where id == stream: return .bad("\(question) was reset: \(code)")
        case .failed(_, let reason): return .bad("\(question) was answered with what is no HTTP/2: \(reason)")
        case .goAway, .headers, .data, .trailers, .reset, .writable, .settings, .pong: return nil
        }
    }

    private func ended(_ outcome: GRPCStatus) -> ProbeAnswer {
        guard outcome.code == .ok else { return .bad("\(question) failed: \(outcome)") }
        guard let status else { return .bad("\(question) was answered without a message") }
        let text = "\(question) was answered with \(name(status))"
        return status == .serving ? .good(text) : .bad(text)
    }

    private func name(_ status: Grpc_Health_V1_HealthCheckResponse.ServingStatus) -> String {
        switch status {
        case .unknown: "UNKNOWN"
        case .serving: "SERVING"
        case .notServing: "NOT_SERVING"
        case .serviceUnknown: "SERVICE_UNKNOWN"
        case .UNRECOGNIZED(let number): "status \(number)"
        }
    }

    private func output() -> [UInt8] {
        var bytes: [UInt8] = []
        http.drainOutput { bytes += $0 }
        return bytes
    }

    private var question: String {
        "gRPC health check of \(service.isEmpty ? "the server" : service) at \(authority)"
    }
}
