/// Interface of the connection; its workings follow in the next commits.
package struct HTTP2Connection: ~Copyable {
    package let role: HTTP2Role
    package let configuration: HTTP2Configuration
    package private(set) var counters = HTTP2Counters()
    package init(role: HTTP2Role, configuration: HTTP2Configuration, now: MonotonicTime) {
        self.role = role
        self.configuration = configuration
    }
    package mutating func receive(_ input: UnsafeRawBufferPointer, now: MonotonicTime, events: inout [HTTP2Event]) {}
    package mutating func openStream(_ fields: HTTPFieldBlock, endStream: Bool) -> HTTP2StreamID? { nil }
    package mutating func sendHeaders(_ id: HTTP2StreamID, _ fields: HTTPFieldBlock, endStream: Bool) {}
    package mutating func reserveData(_ id: HTTP2StreamID, upTo byteCount: Int) -> Int { 0 }
    package mutating func didSendData(_ id: HTTP2StreamID, byteCount: Int, endStream: Bool) {}
    package static let frameHeaderLength = 9
    package static func writeDataFrameHeader(
        length: Int, endStream: Bool, stream: HTTP2StreamID, into destination: UnsafeMutableRawPointer
    ) {}
    package var peerMaxFrameSize: Int { 16_384 }
    package mutating func credit(_ id: HTTP2StreamID, byteCount: Int) {}
    package mutating func reset(_ id: HTTP2StreamID, _ code: HTTP2ErrorCode) {}
    package mutating func ping(_ opaque: UInt64) {}
    package mutating func goAway(_ code: HTTP2ErrorCode, graceful: Bool) {}
    package var hasOutput: Bool { false }
    package mutating func drainOutput(_ body: (UnsafeRawBufferPointer) -> Void) {}
    package var nextDeadline: MonotonicTime? { nil }
    package mutating func deadlineReached(now: MonotonicTime, events: inout [HTTP2Event]) {}
    package var openStreamCount: Int { 0 }
    package var canOpenStream: Bool { false }
    package var peerMaxConcurrentStreams: UInt32 { 100 }
}
