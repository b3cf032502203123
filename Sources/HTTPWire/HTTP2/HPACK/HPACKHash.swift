/// FNV-1a over names and values, to compare table entries by one number first. An attacker who finds collisions gains
/// nothing: the bytes are compared as well, and only our own encoder looks things up.
enum HPACKHash {
    static func name(_ bytes: Span<UInt8>) -> UInt32 {
        continued(0x811c_9dc5, bytes)
    }

    static func field(nameHash: UInt32, value: Span<UInt8>) -> UInt32 {
        continued((nameHash ^ 0xff) &* 0x0100_0193, value)
    }

    private static func continued(_ start: UInt32, _ bytes: Span<UInt8>) -> UInt32 {
        var hash = start
        for index in 0..<bytes.count { hash = (hash ^ UInt32(bytes[index])) &* 0x0100_0193 }
        return hash
    }
}
