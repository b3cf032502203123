import HTTPWire

/// What has come of one request's content, kept for as long as an endpoint may need it from the start. A value.
struct RequestContent {
    /// The most that is kept for retries, in bytes: Envoy's default (I 2.8). What is longer is sent once.
    static let keepLimit = 1 << 20

    /// All that has come, unless `isWhole` is false.
    private(set) var bytes: [UInt8] = []
    /// Whether `bytes` is all that has come.
    private(set) var isWhole = true
    /// Whether more comes.
    private(set) var hasEnded: Bool
    private(set) var trailers: HTTPFieldBlock?
    private(set) var count: UInt64 = 0

    /// No content follows the head.
    let isNone: Bool

    init(isNone: Bool) {
        self.isNone = isNone
        hasEnded = isNone
    }

    /// Takes what comes. `isNeeded` says that nobody has got it yet, so that it must be kept whatever its length: the client's
    /// window bounds it.
    mutating func append(_ new: UnsafeRawBufferPointer, endStream: Bool, isNeeded: Bool) {
        count += UInt64(new.count)
        hasEnded = hasEnded || endStream
        guard isWhole else { return }
        guard isNeeded || bytes.count + new.count <= Self.keepLimit else { return forget() }
        bytes.append(contentsOf: new)
    }

    mutating func end(trailers fields: HTTPFieldBlock) {
        hasEnded = true
        trailers = fields
    }

    /// Nobody needs it again.
    mutating func forget() {
        if !isNone { isWhole = false }
        bytes = []
    }
}
