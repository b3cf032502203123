/// Bounded reads of native-endian numbers out of a message from the kernel.
enum NetlinkBytes {
    /// The 32-bit number at `offset`, nil if it does not lie within `bytes`.
    static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32? {
        guard offset >= 0, offset <= bytes.count &- 4 else { return nil }
        // Sound: four bytes lie within the array (checked above), and the load asks for no alignment.
        return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }

    /// The 64-bit number at `offset`, nil if it does not lie within `bytes`.
    static func long(_ bytes: [UInt8], _ offset: Int) -> UInt64? {
        guard offset >= 0, offset <= bytes.count &- 8 else { return nil }
        // Sound: eight bytes lie within the array (checked above), and the load asks for no alignment.
        return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    }

    /// The 16-bit number at `offset`, nil if it does not lie within `bytes`.
    static func half(_ bytes: [UInt8], _ offset: Int) -> UInt16? {
        guard offset >= 0, offset <= bytes.count &- 2 else { return nil }
        // Sound: two bytes lie within the array (checked above), and the load asks for no alignment.
        return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
    }
}
