/// The number of an HTTP/2 stream (RFC 9113 section 5.1.1): 31 bits, odd when the client opened it, 0 for the
/// connection itself.
package struct HTTP2StreamID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The 31-bit number; the reserved bit is never set.
    package var rawValue: UInt32

    /// Keeps the low 31 bits of `rawValue`.
    package init(_ rawValue: UInt32) {
        self.rawValue = rawValue & 0x7fff_ffff
    }

    /// The connection itself.
    package static let connection = HTTP2StreamID(0)
    /// The largest number that a stream can have.
    package static let maximum = HTTP2StreamID(0x7fff_ffff)

    /// True if the client opened it.
    package var isClientInitiated: Bool { rawValue & 1 == 1 }

    /// Streams opened earlier are smaller.
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var description: String { "stream \(rawValue)" }
}
