/// What an HTTP/1.1 reader or writer does with a field, by its name.
enum HTTP1FieldKind: Hashable, Sendable {
    /// For the other end: it is passed on.
    case ordinary
    case host
    case cookie
    case expect
    case contentLength
    case transferEncoding
    case connection
    case te
    case upgrade
    /// Concerns one connection and says nothing that matters here: Keep-Alive, Proxy-Connection, HTTP2-Settings.
    case hopByHop

    /// The kind of the field called `name`, which is in lower case.
    @inline(__always)
    init(_ name: Span<UInt8>) {
        switch name.count {
        case 2 where name.equals("te"): self = .te
        case 4 where name.equals("host"): self = .host
        case 6 where name.equals("cookie"): self = .cookie
        case 6 where name.equals("expect"): self = .expect
        case 7 where name.equals("upgrade"): self = .upgrade
        case 10 where name.equals("connection"): self = .connection
        case 10 where name.equals("keep-alive"): self = .hopByHop
        case 14 where name.equals("content-length"): self = .contentLength
        case 14 where name.equals("http2-settings"): self = .hopByHop
        case 16 where name.equals("proxy-connection"): self = .hopByHop
        case 17 where name.equals("transfer-encoding"): self = .transferEncoding
        default: self = .ordinary
        }
    }

    /// True if the field means nothing in a response: there it is passed on like any other.
    var isOfRequests: Bool {
        switch self {
        case .host, .cookie, .expect, .te: true
        default: false
        }
    }

    /// True if the field may not come in trailers (RFC 9110 section 6.5.1): it frames or routes the message.
    var isForbiddenInTrailers: Bool {
        switch self {
        case .ordinary, .cookie: false
        default: true
        }
    }
}
