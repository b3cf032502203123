import HTTPWire
import Testing

@Suite struct GRPCTests {
    private func read(_ pieces: [[UInt8]], limit: Int = 1_000) -> ([[UInt8]], GRPCFrameProblem?, Bool) {
        var decoder = GRPCMessageDecoder(maximumMessageSize: limit)
        var messages: [[UInt8]] = []
        for piece in pieces {
            do throws(GRPCFrameProblem) {
                try decoder.receive(piece.span, messages: &messages)
            } catch {
                return (messages, error, decoder.isAtBoundary)
            }
        }
        return (messages, nil, decoder.isAtBoundary)
    }

    @Test("messages survive framing, split anywhere")
    func messages() throws {
        let all: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 9, count: 300)]
        var wire: [UInt8] = []
        for message in all { wire += try #require(GRPCMessage.frame(message)) }
        #expect(wire.starts(with: [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0]))
        for split in wire.indices {
            let (messages, problem, atBoundary) = read([Array(wire[..<split]), Array(wire[split...])])
            #expect(messages == all && problem == nil && atBoundary)
        }
        #expect(read(wire.map { [$0] }).0 == all)
        #expect(!read([Array(wire.dropLast())]).2)
        #expect(!read([[0]]).2)
    }

    @Test("what cannot be read")
    func problems() {
        #expect(read([[1, 0, 0, 0, 0]]).1 == .compressed)
        #expect(read([[2, 0, 0, 0, 0]]).1 == .flag(2))
        #expect(read([[0, 0, 0, 3, 0xe9]]).1 == .tooLarge(length: 1_001, limit: 1_000))
        #expect(read([[0, 0xff, 0xff, 0xff, 0xff]], limit: 200 << 20).1?.status.code == .resourceExhausted)
    }

    @Test("status from trailers, trailers-only responses and HTTP errors")
    func status() {
        var fields = HTTPFieldBlock()
        fields.append(name: "grpc-status", value: "5")
        fields.append(name: "grpc-message", value: "no%20such%20%C3%A9%zz")
        #expect(GRPCStatus(fields) == GRPCStatus(code: .notFound, message: "no such é%zz"))
        #expect(GRPCStatus(.response(status: 503)).code == .unavailable)
        #expect(GRPCStatus(.response(status: 404)).code == .unimplemented)
        #expect(GRPCStatus(.response(status: 200)).code == .unknown)
        #expect(GRPCStatus(HTTPFieldBlock(), httpStatus: 401).code == .unauthenticated)
        var broken = HTTPFieldBlock()
        broken.append(name: "grpc-status", value: "x")
        #expect(GRPCStatus(broken).code == .unknown)
    }

    @Test("grpc-message is percent-encoded", arguments: ["plain", "50% é\n", " both ends ", ""])
    func message(_ text: String) {
        var fields = HTTPFieldBlock()
        GRPCStatus(code: .internalError, message: text).append(to: &fields)
        let coded = fields.first("grpc-message") ?? ""
        #expect(coded.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f })
        #expect(!coded.hasPrefix(" ") && !coded.hasSuffix(" "))
        #expect(GRPCStatus(fields) == GRPCStatus(code: .internalError, message: text))
    }

    @Test("the request's fields")
    func request() {
        let fields = HTTPFieldBlock.grpcRequest(
            path: "/a.B/C", authority: "h:1", timeout: .seconds(90), userAgent: "ambit")
        #expect(
            fields.description == """
                :method: POST
                :scheme: https
                :authority: h:1
                :path: /a.B/C
                te: trailers
                content-type: application/grpc
                grpc-timeout: 90000000u
                user-agent: ambit
                """)
        #expect(!fields.isGRPCResponse)
    }
}
