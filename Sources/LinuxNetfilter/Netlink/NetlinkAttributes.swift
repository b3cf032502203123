/// The attributes that follow the fixed part of a message; ends at the first one whose length does not fit.
struct NetlinkAttributes: Sequence, IteratorProtocol {
    /// One attribute: its type without the flag bits, and its content.
    struct Attribute {
        let type: UInt16
        let content: [UInt8]
    }

    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8], from start: Int) {
        self.bytes = bytes
        position = start
    }

    mutating func next() -> Attribute? {
        guard let length = NetlinkBytes.half(bytes, position), length >= 4,
            Int(length) <= bytes.count &- position, let type = NetlinkBytes.half(bytes, position &+ 2)
        else { return nil }
        let content = Array(bytes[(position &+ 4)..<(position &+ Int(length))])
        position = position &+ ((Int(length) &+ 3) & ~3)
        return Attribute(type: type & NetlinkConstants.attributeTypeMask, content: content)
    }
}
