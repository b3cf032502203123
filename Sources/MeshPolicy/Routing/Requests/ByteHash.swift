/// FNV-1a over 64 bits with a final mix: the same everywhere and for ever, because waypoints that share load must agree on
/// consistent hashes. Not for tables that strangers fill.
package struct ByteHash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of nothing.
    package init() {}

    /// Adds a byte.
    package mutating func add(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    /// Adds bytes.
    package mutating func add(_ bytes: Span<UInt8>) {
        for index in bytes.indices { add(bytes[index]) }
    }

    /// Adds a text and a mark of its end.
    mutating func add(field text: some Sequence<UInt8>) {
        for byte in text { add(byte) }
        add(0)
    }

    /// The hash of what was added, each bit depending on all of it (the finisher of MurmurHash3).
    package var value: UInt64 { Self.mix(state) }

    /// Spreads the bits of a number.
    package static func mix(_ number: UInt64) -> UInt64 {
        var bits = number
        bits = (bits ^ (bits >> 33)) &* 0xff51_afd7_ed55_8ccd
        bits = (bits ^ (bits >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return bits ^ (bits >> 33)
    }

    /// The hash of a text.
    package static func of(_ text: String) -> UInt64 {
        var hash = ByteHash()
        for byte in text.utf8 { hash.add(byte) }
        return hash.value
    }
}
