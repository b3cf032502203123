extension HTTPFieldBlock {
    /// The request of a gRPC call. `path` is `/package.Service/Method`; a `timeout` is told to the server.
    package static func grpcRequest(
        path: String, authority: String, scheme: String = "https", timeout: Duration? = nil, userAgent: String
    ) -> Self {
        var block = request(method: "POST", scheme: scheme, authority: authority, path: path)
        block.append(name: "te", value: "trailers")
        block.append(name: "content-type", value: "application/grpc")
        if let timeout { block.append(name: "grpc-timeout", value: grpcTimeout(timeout)) }
        block.append(name: "user-agent", value: userAgent)
        return block
    }

    /// True if a response is one of gRPC: status 200 and the content type, with or without a suffix.
    package var isGRPCResponse: Bool {
        guard status == 200, let type = first("content-type") else { return false }
        return type == "application/grpc" || type.hasPrefix("application/grpc+") || type.hasPrefix("application/grpc;")
    }

    /// At most eight digits and a unit.
    static func grpcTimeout(_ timeout: Duration) -> String {
        let nanoseconds = MonotonicTime.saturatedNanoseconds(timeout)
        let largest: UInt64 = 99_999_999
        for (unit, size) in [("n", 1 as UInt64), ("u", 1_000), ("m", 1_000_000), ("S", 1_000_000_000)]
        where nanoseconds / size <= largest {
            return "\(nanoseconds / size)\(unit)"
        }
        return "\(largest)S"
    }
}
