/// An IPv4 or IPv6 address without a port or a zone: 17 bytes, no allocation.
///
/// An IPv4-mapped IPv6 address stays what it is; `unmapped` gives the IPv4 address that it stands for.
package struct IPAddress: Hashable, Sendable {
    /// The upper 64 bits in host order; zero for IPv4.
    package let high: UInt64
    /// The lower 64 bits in host order; an IPv4 address is its lowest 32.
    package let low: UInt64
    /// The family.
    package let isIPv4: Bool

    /// The address of these bits. Of an IPv4 address only the lowest 32 count.
    package init(high: UInt64, low: UInt64, isIPv4: Bool) {
        self.high = isIPv4 ? 0 : high
        self.low = isIPv4 ? low & 0xffff_ffff : low
        self.isIPv4 = isIPv4
    }

    /// The IPv4 address of four numbers, as written.
    package init(ipv4 first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        let value = UInt64(first) << 24 | UInt64(second) << 16 | UInt64(third) << 8 | UInt64(fourth)
        self.init(high: 0, low: value, isIPv4: true)
    }

    /// The address in network order: 4 or 16 bytes; nil for any other length.
    package init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4:
            self.init(high: 0, low: bytes.reduce(0) { $0 << 8 | UInt64($1) }, isIPv4: true)
        case 16:
            self.init(
                high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                low: bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }, isIPv4: false)
        default:
            return nil
        }
    }

    /// The address in network order: 4 or 16 bytes.
    package var bytes: [UInt8] {
        if isIPv4 { return (0..<4).map { UInt8(truncatingIfNeeded: low >> UInt64(24 - 8 * $0)) } }
        return (0..<8).map { UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * $0)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: low >> UInt64(56 - 8 * $0)) }
    }

    /// 32 or 128.
    package var bitWidth: Int { isIPv4 ? 32 : 128 }

    /// Whether it never leaves its host: 127.0.0.0/8, ::1, or the mapped form of the former (RFC 1122, RFC 4291).
    package var isLoopback: Bool {
        let address = unmapped
        return address.isIPv4 ? address.low >> 24 == 127 : address.high == 0 && address.low == 1
    }

    /// Whether it is of one link only: 169.254.0.0/16 (RFC 3927), fe80::/10 (RFC 4291), or the mapped form of the former.
    package var isLinkLocal: Bool {
        let address = unmapped
        return address.isIPv4 ? address.low >> 16 == 0xa9fe : address.high >> 54 == 0x3fa
    }

    /// Whether it is 0.0.0.0 or ::.
    package var isUnspecified: Bool { high == 0 && low == 0 }

    /// The IPv4 address that ::ffff:a.b.c.d stands for (RFC 4291 section 2.5.5.2); any other address is unchanged.
    package var unmapped: IPAddress {
        guard !isIPv4, high == 0, low >> 32 == 0xffff else { return self }
        return IPAddress(high: 0, low: low, isIPv4: true)
    }

    /// The address with every bit after the first `length` cleared. `length` is clamped to the width of the family.
    package func masked(to length: Int) -> IPAddress {
        if isIPv4 {
            let bits = UInt64(max(0, min(32, length)))
            return IPAddress(high: 0, low: bits == 0 ? 0 : low & (0xffff_ffff << (32 - bits)), isIPv4: true)
        }
        let bits = max(0, min(128, length))
        return IPAddress(
            high: high & Self.mask(bits), low: low & Self.mask(bits - 64), isIPv4: false)
    }

    private static func mask(_ bits: Int) -> UInt64 {
        if bits <= 0 { return 0 }
        return bits >= 64 ? .max : .max << UInt64(64 - bits)
    }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then by value.
    package static func < (left: IPAddress, right: IPAddress) -> Bool {
        if left.isIPv4 != right.isIPv4 { return left.isIPv4 }
        return (left.high, left.low) < (right.high, right.low)
    }
}
