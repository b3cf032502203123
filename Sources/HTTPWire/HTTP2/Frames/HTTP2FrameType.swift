/// The type byte of a frame (RFC 9113 section 6; PRIORITY_UPDATE: RFC 9218 section 7.1). Unknown types are legal.
struct HTTP2FrameType: Hashable, Sendable {
    var rawValue: UInt8

    init(_ rawValue: UInt8) {
        self.rawValue = rawValue
    }

    static let data = Self(0x0)
    static let headers = Self(0x1)
    static let priority = Self(0x2)
    static let resetStream = Self(0x3)
    static let settings = Self(0x4)
    static let pushPromise = Self(0x5)
    static let ping = Self(0x6)
    static let goAway = Self(0x7)
    static let windowUpdate = Self(0x8)
    static let continuation = Self(0x9)
    static let priorityUpdate = Self(0x10)
}
