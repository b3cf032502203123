package import MeshModel

/// The TLS handshakes of one worker that have begun and not ended, by who began them.
///
/// There are so many places in all, and no source may have more of them than are free: one alone gets half, two get a third each, and
/// whoever has none gets one while any is free. So nobody who opens connections and says nothing keeps all others out. Sources are
/// IPv4 addresses and IPv6 networks of 64 bits, as whoever has one address of those has them all, and this host's loopback, of which any
/// user of it has all. A pure value of its worker's; it holds no more sources than places.
package struct HandshakePlaces: Sendable {
    private let limit: Int
    private var taken: [IPAddress: Int] = [:]
    /// Places that are taken.
    package private(set) var count = 0

    /// `limit` places, all of them free.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Takes a place for `source`; else the bound that refuses it.
    package mutating func take(_ source: IPAddress) -> DataPlaneLimit? {
        guard count < limit else { return .handshakes }
        let key = Self.key(source)
        let own = taken[key, default: 0]
        guard own < limit - count else { return .handshakesPerSource }
        taken[key] = own + 1
        count += 1
        return nil
    }

    /// Gives back a place that `source` took.
    package mutating func give(_ source: IPAddress) {
        let key = Self.key(source)
        guard let own = taken[key] else { return }
        taken[key] = own > 1 ? own - 1 : nil
        count -= 1
    }

    private static let loopback = IPAddress(ipv4: 127, 0, 0, 1)

    private static func key(_ source: IPAddress) -> IPAddress {
        let address = source.unmapped
        if address.isLoopback { return loopback }
        return address.isIPv4 ? address : address.masked(to: 64)
    }
}
