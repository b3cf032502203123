/// The flags byte of a frame (RFC 9113 section 4.1); bits that a type does not define are ignored.
struct HTTP2FrameFlags: OptionSet, Hashable, Sendable {
    var rawValue: UInt8

    static let endStream = Self(rawValue: 0x01)
    static let acknowledgement = Self(rawValue: 0x01)
    static let endHeaders = Self(rawValue: 0x04)
    static let padded = Self(rawValue: 0x08)
    static let priority = Self(rawValue: 0x20)
}
