package import MeshModel

/// The addresses that were given to services without one, from Istio's ranges 240.240.0.0/16 and 2001:2::/48 (I 1.4).
///
/// A pure value: compilation takes the allocations in force and returns those that follow; the caller stores them, so an
/// address survives restarts and does not depend on the order of resources. One number gives both addresses of a service.
package struct VirtualAddresses: Sendable, Equatable {
    /// How many services can have an address: the range without addresses that end in 0 or 255.
    package static let capacity = 256 * 254

    /// Key of the service (`kind/namespace/name/hostname`) to its number.
    package private(set) var numbers: [String: UInt16]

    /// Takes allocations that were stored; numbers that were never given out by this type are dropped.
    package init(numbers: [String: UInt16] = [:]) {
        var seen = Set<UInt16>()
        self.numbers = [:]
        for (key, number) in numbers.sorted(by: { $0.key < $1.key })
        where Self.isUsable(number) && seen.insert(number).inserted {
            self.numbers[key] = number
        }
    }

    /// The allocations for exactly `keys`: those in force stay, keys that are gone lose theirs, new ones get a number that
    /// follows from the key where it is free. `taken` are addresses that resources name themselves. Keys that got none,
    /// because all are given, are returned as `exhausted`.
    package func allocating(
        for keys: Set<String>, taken: Set<IPAddress>
    ) -> (allocations: VirtualAddresses, exhausted: [String]) {
        let reserved = Set(taken.compactMap(Self.number(of:)))
        var result = VirtualAddresses()
        var used = reserved
        for (key, number) in numbers where keys.contains(key) && !reserved.contains(number) {
            result.numbers[key] = number
            used.insert(number)
        }
        var exhausted: [String] = []
        // Sorted: which key yields when two want one number must not depend on the order of a set.
        for key in keys.sorted() where result.numbers[key] == nil {
            guard used.count < Self.capacity, let number = Self.free(from: key, used: used) else {
                exhausted.append(key)
                continue
            }
            result.numbers[key] = number
            used.insert(number)
        }
        return (result, exhausted)
    }

    /// The IPv4 and the IPv6 address of a key, nil where it has none.
    package func addresses(for key: String) -> (ipv4: IPAddress, ipv6: IPAddress)? {
        guard let number = numbers[key] else { return nil }
        return (
            IPAddress(high: 0, low: Self.prefixIPv4 | UInt64(number), isIPv4: true),
            IPAddress(high: Self.prefixIPv6, low: UInt64(number), isIPv4: false)
        )
    }

    private static let prefixIPv4: UInt64 = 0xf0f0_0000
    private static let prefixIPv6: UInt64 = 0x2001_0002_0000_0000

    private static func isUsable(_ number: UInt16) -> Bool {
        let low = UInt8(truncatingIfNeeded: number)
        return low != 0 && low != 255
    }

    /// The number behind one of our addresses.
    private static func number(of address: IPAddress) -> UInt16? {
        if address.isIPv4 {
            return address.low & ~0xffff == prefixIPv4 ? UInt16(truncatingIfNeeded: address.low) : nil
        }
        return address.high == prefixIPv6 && address.low <= 0xffff ? UInt16(truncatingIfNeeded: address.low) : nil
    }

    /// The first free number from the one that the key's hash (FNV-1a) points at.
    private static func free(from key: String, used: Set<UInt16>) -> UInt16? {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var number = UInt16(truncatingIfNeeded: hash ^ (hash >> 32))
        for _ in 0...UInt16.max {
            if isUsable(number), !used.contains(number) { return number }
            number &+= 1
        }
        return nil
    }
}
