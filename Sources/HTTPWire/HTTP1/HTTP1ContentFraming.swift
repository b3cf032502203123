/// How the end of content that is received is known (RFC 9112 section 6.3).
enum HTTP1ContentFraming: Hashable, Sendable {
    case length(UInt64)
    case chunked
    case untilClose
}
