package import HTTPWire
import MeshPolicy

/// Routes look at heads as they lie in memory.
extension HTTPFieldBlock: RequestFields {}

extension HTTPFieldBlock {
    /// Whether a gRPC client or server made it: its content type says so.
    var isGRPC: Bool {
        var found = false
        forEachValue(of: FieldName.contentType) { value in
            found = value.starts(with: Self.grpc) && (value.count == Self.grpc.count || value[Self.grpc.count] != 0x2d)
        }
        return found
    }

    /// Whether an extended CONNECT (RFC 8441) asks for a WebSocket. The case of a protocol's name does not count (RFC 9110 section 7.8).
    var asksForWebSocket: Bool {
        // Byte by byte: other alphabets have letters whose lower case is in this one.
        protocolName?.utf8.map { $0 | 0x20 } == Self.webSocket
    }

    private static let webSocket = Array("websocket".utf8)

    /// Whether the first field of a name has this value.
    func has(_ name: [UInt8], _ value: [UInt8]) -> Bool {
        var found: Bool?
        forEachValue(of: name) { found = found ?? $0.equals(value) }
        return found ?? false
    }

    /// Whether a request may be sent again that a server may have seen (RFC 9110 section 9.2.2).
    var isIdempotent: Bool {
        var found = false
        forEachValue(of: FieldName.method) { method in
            found = Self.idempotent.contains { method.equals($0) }
        }
        return found
    }

    private static let idempotent = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].map { Array($0.utf8) }

    /// `application/grpc`; `application/grpc-web` is another protocol.
    private static let grpc = Array("application/grpc".utf8)

    /// A response of gRPC that is nothing but trailers has its status here.
    var grpcStatus: Int? {
        var status: Int?
        forEachValue(of: Self.grpcStatusName) { value in
            var number = 0
            for index in value.indices {
                guard value[index] >= 0x30, value[index] <= 0x39, number < 1_000 else { return }
                number = number * 10 + Int(value[index] - 0x30)
            }
            status = number
        }
        return status
    }

    private static let grpcStatusName = Array("grpc-status".utf8)
}

extension Span<UInt8> {
    func starts(with prefix: [UInt8]) -> Bool {
        guard count >= prefix.count else { return false }
        for index in prefix.indices where self[index] != prefix[index] { return false }
        return true
    }

    func equals(_ other: [UInt8]) -> Bool { count == other.count && starts(with: other) }
}
