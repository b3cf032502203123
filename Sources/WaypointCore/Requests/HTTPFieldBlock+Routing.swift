package import HTTPWire
import MeshPolicy

/// Routes look at heads as they lie in memory.
extension HTTPFieldBlock: RequestFields {}

extension HTTPFieldBlock {
    /// Whether a gRPC client or server made it: its content type says so.
    var isGRPC: Bool {
        var found = false
        forEachValue(of: "content-type") { value in
            let end = Self.grpc.utf8CodeUnitCount
            found = value.starts(with: Self.grpc) && (value.count == end || value[end] != 0x2d)
        }
        return found
    }

    /// `application/grpc-web` is another protocol.
    private static let grpc: StaticString = "application/grpc"

    /// Whether an extended CONNECT (RFC 8441) asks for a WebSocket. The case of a protocol's name does not count (RFC 9110 section 7.8).
    var asksForWebSocket: Bool {
        // Byte by byte: other alphabets have letters whose lower case is in this one.
        protocolName?.utf8.map { $0 | 0x20 } == Self.webSocket
    }

    private static let webSocket = Array("websocket".utf8)

    /// Whether the first field of a name has this value.
    func has(_ name: StaticString, _ value: [UInt8]) -> Bool {
        var found: Bool?
        forEachValue(of: name) { found = found ?? $0.equals(value) }
        return found ?? false
    }

    /// Whether a request may be sent again that a server may have seen (RFC 9110 section 9.2.2).
    var isIdempotent: Bool {
        var found = false
        forEachValue(of: ":method") { method in
            found = Self.idempotent.contains { method.equals($0) }
        }
        return found
    }

    private static let idempotent: [StaticString] = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]

    /// A response of gRPC that is nothing but trailers has its status here.
    var grpcStatus: Int? {
        var status: Int?
        forEachValue(of: "grpc-status") { value in
            var number = 0
            for index in value.indices {
                guard value[index] >= 0x30, value[index] <= 0x39, number < 1_000 else { return }
                number = number * 10 + Int(value[index] - 0x30)
            }
            status = number
        }
        return status
    }
}

extension Span<UInt8> {
    func starts(with prefix: [UInt8]) -> Bool {
        guard count >= prefix.count else { return false }
        for index in prefix.indices where self[index] != prefix[index] { return false }
        return true
    }

    func equals(_ other: [UInt8]) -> Bool { count == other.count && starts(with: other) }
}
