/// What the fields of one HTTP/1.1 head say to this connection; none of it is passed on in that form.
struct HTTP1HeadFacts: Sendable {
    /// Options of Connection that mean something here.
    struct Options: OptionSet, Sendable {
        var rawValue: UInt8

        static let close = Self(rawValue: 1 << 0)
        static let keepAlive = Self(rawValue: 1 << 1)
        static let upgrade = Self(rawValue: 1 << 2)
    }

    var version = HTTP1Version.http11
    /// How many Host fields there are.
    var hosts = 0
    /// Where `:authority` lies in the block, from the target or from Host.
    var authority: Range<Int>?
    /// `:authority` is Host's value.
    var isHostInPlace = false
    /// The value of Host where it could not be put in its place at once.
    var lateHost: [UInt8] = []
    /// Where the method lies in the block.
    var method: Range<Int> = 0..<0
    /// The end of the pseudo-header fields in the block.
    var pseudoEnd = 0
    /// Content-Length fields, and the value of the last one; -1 if it is not a number.
    var contentLengths = 0
    var contentLength: Int64 = -1
    /// Transfer-Encoding fields, and whether the last one is just `chunked`.
    var transferEncodings = 0
    var isChunked = false
    var options: Options = []
    /// Names of fields in Connection, each ended by a comma.
    var nominated: [UInt8] = []
    /// The first Upgrade, in lower case.
    var upgrade: [UInt8] = []
    var upgrades = 0
    var acceptsTrailers = false
    var expectsContinue = false
    var cookies = 0

    /// How the content is framed (RFC 9112 section 6.3).
    func framing() throws(HTTP1ParseError) -> HTTP1ContentFraming? {
        guard transferEncodings == 0 || contentLengths == 0, contentLengths <= 1 else { throw .framing }
        if transferEncodings > 0 {
            guard version == .http11 else { throw .framing }
            guard transferEncodings == 1, isChunked else { throw .transferCoding }
            return .chunked
        }
        guard contentLengths == 1 else { return nil }
        guard contentLength >= 0 else { throw .framing }
        return .length(UInt64(contentLength))
    }

    /// Whether the sender keeps the connection after this message (section 9.3).
    var keepsAlive: Bool {
        if options.contains(.close) { return false }
        return version == .http11 || options.contains(.keepAlive)
    }
}
