import HTTPWire
import MeshAPI
import MeshModel
import SwiftProtobuf
import Testing
import ZtunnelCore

/// What is said on a probe's connection, and what counts as an answer.
@Suite struct ProbeExchangeTests {
    private let now = MonotonicTime(nanoseconds: 1)

    private func answer(_ exchange: any ProbeExchange, _ text: String) -> ProbeAnswer? {
        Array(text.utf8).withUnsafeBytes { exchange.receive($0, now: now).answer }
    }

    private func http(_ get: ReadinessProbe.HTTPGet = .init(path: "/ready?x=1", port: 80)) -> HTTPProbe {
        HTTPProbe(get, authority: "10.0.0.1:80", userAgent: "probe", now: now)
    }

    @Test func theRequestIsWhatTheGroupSays() {
        #expect(
            String(decoding: http().begin(), as: UTF8.self)
                == "GET /ready?x=1 HTTP/1.1\r\nhost: 10.0.0.1:80\r\nuser-agent: probe\r\naccept: */*\r\nconnection: close\r\n\r\n"
        )
        let get = ReadinessProbe.HTTPGet(
            port: 80, headers: [.init(name: "Host", value: "shop.example"), .init(name: "X-Probe", value: "1")])
        #expect(
            String(decoding: http(get).begin(), as: UTF8.self)
                == "GET / HTTP/1.1\r\nhost: shop.example\r\nuser-agent: probe\r\naccept: */*\r\nx-probe: 1\r\nconnection: close\r\n\r\n"
        )
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", true, "was answered with 200"),
        ("HTTP/1.0 204 \r\n\r\n", true, "was answered with 204"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nlocation: /\r\n\r\n", true, "was answered with 302"),
        ("HTTP/1.1 400 Bad\r\n\r\n", false, "was answered with 400"),
        ("HTTP/1.1 503 Busy\r\n\r\n", false, "was answered with 503"),
        ("SSH-2.0-OpenSSH_9.2\r\n", false, "what is no HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\nx: \(String(repeating: "y", count: 20_000))\r\n\r\n", false, "fields are too large"),
    ])
    func theStatusDecides(response: String, isGood: Bool, text: String) {
        let exchange = http()
        _ = exchange.begin()
        let answer = answer(exchange, response)
        #expect(answer?.isGood == isGood)
        #expect(answer?.text.contains(text) == true, "\(answer?.text ?? "no answer")")
    }

    @Test func anAnswerInPiecesAndNoneAtAll() {
        let exchange = http()
        _ = exchange.begin()
        for piece in ["HTT", "P/1.1 2", "00 OK\r", "\n"] { #expect(answer(exchange, piece) == nil) }
        #expect(answer(exchange, "\r\n")?.isGood == true)
        #expect(http().ended() == .bad("GET http://10.0.0.1:80/ready?x=1 was not answered: the connection was closed"))
    }

    // MARK: gRPC

    /// A server of our own codec that answers the call with `respond`.
    private func grpc(
        service: String = "shop.Web", _ respond: (inout HTTP2Connection, HTTP2StreamID) -> [UInt8]
    ) -> (answer: ProbeAnswer?, request: HTTPFieldBlock?, asked: String?) {
        let exchange = GRPCProbe(
            service: service, authority: "10.0.0.1:80", timeout: .seconds(1), userAgent: "probe", now: now)
        var server = HTTP2Connection(role: .server, configuration: HTTP2Configuration(), now: now)
        var events: [HTTP2Event] = []
        let sent = exchange.begin()
        var messages: [[UInt8]] = []
        sent.withUnsafeBytes { bytes in
            server.receive(bytes, now: now, events: &events)
            var decoder = GRPCMessageDecoder()
            for case .data(_, let range, endStream: _) in events {
                try? decoder.receive(UnsafeRawBufferPointer(rebasing: bytes[range]), messages: &messages)
            }
        }
        var request: HTTPFieldBlock?
        var output: [UInt8] = []
        for case .headers(let id, let fields, endStream: _) in events {
            request = fields
            output = respond(&server, id)
        }
        var bytes: [UInt8] = []
        server.drainOutput { bytes += $0 }
        let asked = messages.first.flatMap { try? Grpc_Health_V1_HealthCheckRequest(serializedBytes: $0).service }
        return ((bytes + output).withUnsafeBytes { exchange.receive($0, now: now).answer }, request, asked)
    }

    private func response(_ server: inout HTTP2Connection, _ id: HTTP2StreamID, _ message: [UInt8], status: String)
        -> [UInt8]
    {
        var head = HTTPFieldBlock.response(status: 200)
        head.append(name: "content-type", value: "application/grpc")
        server.sendHeaders(id, head, endStream: false)
        var bytes: [UInt8] = []
        server.drainOutput { bytes += $0 }
        let frame = GRPCMessage.frame(message) ?? []
        _ = server.reserveData(id, upTo: frame.count)
        var header = [UInt8](repeating: 0, count: 9)
        header.withUnsafeMutableBytes { raw in
            guard let base = raw.baseAddress else { return }
            HTTP2Connection.writeDataFrameHeader(length: frame.count, endStream: false, stream: id, into: base)
        }
        server.didSendData(id, byteCount: frame.count, endStream: false)
        bytes += header + frame
        var trailers = HTTPFieldBlock()
        trailers.append(name: "grpc-status", value: status)
        server.sendHeaders(id, trailers, endStream: true)
        server.drainOutput { bytes += $0 }
        return bytes
    }

    @Test(
        arguments: [
            ([0x08, 0x01], "0", true, "was answered with SERVING"),
            ([0x08, 0x02], "0", false, "was answered with NOT_SERVING"),
            ([], "0", false, "was answered with UNKNOWN"),
            ([0x08, 0x03], "0", false, "was answered with SERVICE_UNKNOWN"),
            ([0x08, 0x01], "5", false, "failed: NOT_FOUND"), ([0xff], "0", false, "without a message"),
        ] as [([UInt8], String, Bool, String)])
    func servingAloneIsGood(message: [UInt8], status: String, isGood: Bool, text: String) {
        let (answer, request, asked) = grpc { server, id in response(&server, id, message, status: status) }
        #expect(answer?.isGood == isGood)
        #expect(answer?.text.contains(text) == true, "\(answer?.text ?? "no answer")")
        #expect(asked == "shop.Web")
        #expect(request?.first(":path") == "/grpc.health.v1.Health/Check")
        #expect(request?.first(":scheme") == "http" && request?.first(":authority") == "10.0.0.1:80")
    }

    @Test func whatIsNoGRPCIsNoAnswer() {
        let plain = grpc { server, id in
            server.sendHeaders(id, .response(status: 404), endStream: true)
            return []
        }
        #expect(plain.answer?.isGood == false && plain.answer?.text.contains("404") == true, "\(plain)")
        let reset = grpc { server, id in
            server.reset(id, .refusedStream)
            return []
        }
        #expect(reset.answer?.isGood == false)
        let exchange = GRPCProbe(service: "", authority: "10.0.0.1:80", timeout: .seconds(1), userAgent: "p", now: now)
        _ = exchange.begin()
        let http = answer(exchange, "HTTP/1.1 400 Bad Request\r\n\r\n")
        #expect(
            http?.isGood == false && http?.text.contains("what is no HTTP/2") == true, "\(String(describing: http))")
    }
}
