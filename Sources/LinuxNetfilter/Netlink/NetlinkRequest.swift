/// One netlink request under construction: header, the fixed part of its type, then attributes (RFC 3549, section 2).
///
/// A pure value; numbers are written in the host's byte order, as netlink wants them.
package struct NetlinkRequest: Sendable {
    /// The message so far; its length field is always true.
    package private(set) var bytes: [UInt8]
    /// The number that the kernel puts into every reply.
    package let sequence: UInt32

    /// Starts a message of `type` with `flags` (NLM_F_REQUEST is added).
    package init(type: UInt16, flags: UInt16, sequence: UInt32) {
        bytes = []
        self.sequence = sequence
        bytes.reserveCapacity(96)
        append(UInt32(0))
        append(type)
        append(flags | NetlinkConstants.request)
        append(sequence)
        // Port 0: the kernel fills in the socket's own, so that several sockets of this process never collide.
        append(UInt32(0))
        settle()
    }

    /// Appends a part of the fixed structure that follows the header.
    package mutating func fixed(_ value: UInt8...) {
        bytes.append(contentsOf: value)
        settle()
    }

    /// Appends a 32-bit part of the fixed structure.
    package mutating func fixed(word value: UInt32) {
        append(value)
        settle()
    }

    /// Appends an attribute with raw content.
    package mutating func attribute(_ type: UInt16, _ content: [UInt8]) {
        append(UInt16(truncatingIfNeeded: content.count &+ 4))
        append(type)
        bytes.append(contentsOf: content)
        while bytes.count % 4 != 0 { bytes.append(0) }
        settle()
    }

    /// Appends an attribute that holds a 32-bit number.
    package mutating func attribute(_ type: UInt16, word: UInt32) {
        attribute(type, Self.native(word))
    }

    private mutating func append(_ value: UInt32) { bytes.append(contentsOf: Self.native(value)) }

    private mutating func append(_ value: UInt16) {
        unsafe withUnsafeBytes(of: value) { unsafe bytes.append(contentsOf: $0) }
    }

    private mutating func settle() {
        for (index, byte) in Self.native(UInt32(truncatingIfNeeded: bytes.count)).enumerated() { bytes[index] = byte }
    }

    private static func native(_ value: UInt32) -> [UInt8] {
        unsafe withUnsafeBytes(of: value) { unsafe [UInt8]($0) }
    }
}
