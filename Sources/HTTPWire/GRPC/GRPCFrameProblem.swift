/// Why a stream of gRPC messages cannot be read on; it costs the call.
package enum GRPCFrameProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The peer compressed a message although no encoding was offered.
    case compressed
    /// The flag byte is neither 0 nor 1.
    case flag(UInt8)
    /// The message is longer than the decoder's bound.
    case tooLarge(length: Int, limit: Int)

    package var description: String {
        switch self {
        case .compressed: "the peer sent a compressed gRPC message, but no compression was agreed"
        case .flag(let flag): "a gRPC message begins with \(flag), which is not a compression flag"
        case .tooLarge(let length, let limit): "a gRPC message of \(length) bytes; the limit is \(limit)"
        }
    }

    /// The gRPC status that the call ends with.
    package var status: GRPCStatus {
        switch self {
        case .tooLarge: GRPCStatus(code: .resourceExhausted, message: description)
        case .compressed, .flag: GRPCStatus(code: .internalError, message: description)
        }
    }
}
