/// How long a request may take with all its retries (I 2.7).
package enum RequestTimeout {
    /// The body of the answer when it is over: 504, flag UT.
    package static let body = "upstream request timeout"

    /// The shorter of the route's and of what the client of a gRPC request asks for; nil for no limit.
    package static func effective(
        _ route: Duration?, _ request: some RequestFields, isGRPC: Bool
    ) -> Duration? {
        guard isGRPC else { return route }
        var asked: Duration?
        request.forEachValue(of: FieldName.grpcTimeout) { asked = grpc($0) ?? asked }
        guard let asked else { return route }
        return route.map { min($0, asked) } ?? asked
    }

    /// `grpc-timeout`: at most eight digits and a unit.
    static func grpc(_ text: Span<UInt8>) -> Duration? {
        guard text.count >= 2, text.count <= 9 else { return nil }
        var number: Int64 = 0
        for index in 0..<text.count - 1 {
            guard text[index] >= 0x30, text[index] <= 0x39 else { return nil }
            number = number * 10 + Int64(text[index] - 0x30)
        }
        switch text[text.count - 1] {
        case UInt8(ascii: "n"): return .nanoseconds(number)
        case UInt8(ascii: "u"): return .microseconds(number)
        case UInt8(ascii: "m"): return .milliseconds(number)
        case UInt8(ascii: "S"): return .seconds(number)
        case UInt8(ascii: "M"): return .seconds(number * 60)
        case UInt8(ascii: "H"): return .seconds(number * 3_600)
        default: return nil
        }
    }
}
