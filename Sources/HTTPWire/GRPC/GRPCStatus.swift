/// How a gRPC call ended: `grpc-status` and `grpc-message`.
package struct GRPCStatus: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened.
    package var code: GRPCStatusCode
    /// For people; plain text, percent coding taken away.
    package var message: String

    /// From parts.
    package init(code: GRPCStatusCode, message: String = "") {
        self.code = code
        self.message = message
    }

    /// Reads trailers, or the headers of a response that has only those. Without a readable `grpc-status` the status
    /// follows from `:status` by gRPC's table, as answers of proxies need.
    package init(_ fields: HTTPFieldBlock, httpStatus: Int? = nil) {
        if let text = fields.first("grpc-status") {
            if let number = Int(text), number >= 0 {
                self.init(
                    code: GRPCStatusCode(number),
                    message: fields.first("grpc-message").map(PercentCoding.decode) ?? "")
            } else {
                self.init(code: .unknown, message: "the peer's grpc-status is not a number: \(text)")
            }
        } else if let status = httpStatus ?? fields.status, status != 200 {
            self.init(code: Self.code(httpStatus: status), message: "the peer answered with HTTP status \(status)")
        } else {
            self.init(code: .unknown, message: "the peer ended the call without a grpc-status")
        }
    }

    private static func code(httpStatus: Int) -> GRPCStatusCode {
        switch httpStatus {
        case 400: .internalError
        case 401: .unauthenticated
        case 403: .permissionDenied
        case 404: .unimplemented
        case 429, 502, 503, 504: .unavailable
        default: .unknown
        }
    }

    /// Adds the two fields.
    package func append(to fields: inout HTTPFieldBlock) {
        fields.append(name: "grpc-status", value: String(code.rawValue))
        guard !message.isEmpty else { return }
        let coded = PercentCoding.encode(message) { $0 >= 0x20 && $0 <= 0x7e }
        // White space at the ends is not allowed in a field value.
        fields.append(name: "grpc-message", value: Self.codingOuterSpaces(coded))
    }

    private static func codingOuterSpaces(_ text: String) -> String {
        var result = text
        if result.utf8.first == 0x20 { result = "%20" + result.dropFirst() }
        if result.utf8.last == 0x20 { result = String(result.dropLast()) + "%20" }
        return result
    }

    package var description: String {
        message.isEmpty ? code.description : "\(code): \(message)"
    }
}
