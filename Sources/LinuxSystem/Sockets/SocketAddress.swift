internal import CLinux

/// An IPv4 or IPv6 address with a port. An IPv4 address that a dual-stack socket reports as `::ffff:a.b.c.d` is held as the
/// IPv4 address that it is.
package struct SocketAddress: Hashable, Sendable {
    /// The first eight bytes of an IPv6 address as a big-endian number; 0 for IPv4.
    package let high: UInt64
    /// The last eight bytes of an IPv6 address, or the IPv4 address in the low 32 bits.
    package let low: UInt64
    /// The interface of a link-local IPv6 address; 0 for none.
    package let scope: UInt32
    /// The port, in the host's byte order.
    package let port: UInt16
    /// The family; there are only two.
    package let isIPv4: Bool

    /// An address from its halves; for IPv4 `high` is 0 and `low` holds 32 bits.
    package init(high: UInt64, low: UInt64, port: UInt16, isIPv4: Bool, scope: UInt32 = 0) {
        let mapped = !isIPv4 && high == 0 && low >> 32 == 0xffff
        self.high = isIPv4 ? 0 : high
        self.low = isIPv4 || mapped ? low & 0xffff_ffff : low
        self.isIPv4 = isIPv4 || mapped
        self.scope = self.isIPv4 ? 0 : scope
        self.port = port
    }

    /// An address from 4 or 16 bytes in network order; nil for any other number of bytes.
    package init?(ipBytes: [UInt8], port: UInt16) {
        guard ipBytes.count == 4 || ipBytes.count == 16 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for byte in ipBytes {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
        }
        self.init(high: high, low: low, port: port, isIPv4: ipBytes.count == 4)
    }

    /// 127.0.0.1 with `port`.
    package static func loopback4(port: UInt16) -> SocketAddress {
        SocketAddress(high: 0, low: 0x7f00_0001, port: port, isIPv4: true)
    }

    /// ::1 with `port`.
    package static func loopback6(port: UInt16) -> SocketAddress {
        SocketAddress(high: 0, low: 1, port: port, isIPv4: false)
    }

    /// 0.0.0.0 with `port`.
    package static func any4(port: UInt16) -> SocketAddress {
        SocketAddress(high: 0, low: 0, port: port, isIPv4: true)
    }

    /// :: with `port`; with `Socket.setV6Only(false)` it takes IPv4 too.
    package static func any6(port: UInt16) -> SocketAddress {
        SocketAddress(high: 0, low: 0, port: port, isIPv4: false)
    }

    /// 4 or 16 bytes in network order.
    package var ipBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(isIPv4 ? 4 : 16)
        if !isIPv4 {
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: high >> shift)) }
        }
        for shift in stride(from: isIPv4 ? 24 : 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: low >> shift))
        }
        return bytes
    }

    /// The same address with another port.
    package func with(port: UInt16) -> SocketAddress {
        SocketAddress(high: high, low: low, port: port, isIPv4: isIPv4, scope: scope)
    }

    /// True for 127.0.0.0/8 and ::1.
    package var isLoopback: Bool {
        isIPv4 ? low >> 24 == 0x7f : high == 0 && low == 1
    }

    /// True for 0.0.0.0 and ::.
    package var isUnspecified: Bool { high == 0 && low == 0 }

    init(native: clinux_address) {
        self.init(
            high: native.high, low: native.low, port: native.port, isIPv4: native.family != 6, scope: native.scope)
    }

    var native: clinux_address {
        clinux_address(high: high, low: low, scope: scope, port: port, family: isIPv4 ? 4 : 6)
    }
}
