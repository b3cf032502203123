/// Identifiers of SETTINGS parameters (RFC 9113 section 6.5.2, RFC 8441 section 3, RFC 9218 section 2.1).
enum HTTP2SettingIdentifier {
    static let headerTableSize: UInt16 = 0x1
    static let enablePush: UInt16 = 0x2
    static let maxConcurrentStreams: UInt16 = 0x3
    static let initialWindowSize: UInt16 = 0x4
    static let maxFrameSize: UInt16 = 0x5
    static let maxHeaderListSize: UInt16 = 0x6
    static let enableConnectProtocol: UInt16 = 0x8
    static let noRFC7540Priorities: UInt16 = 0x9
}
