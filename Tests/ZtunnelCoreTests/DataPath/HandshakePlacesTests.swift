import MeshModel
import NodeCore
import Testing

@Suite struct HandshakePlacesTests {
    private static func taken(_ places: inout HandshakePlaces, by source: IPAddress) -> (Int, DataPlaneLimit?) {
        for count in 0... {
            if let limit = places.take(source) { return (count, limit) }
        }
        return (0, nil)
    }

    @Test func oneSourceGetsHalfAndTheNextAThird() {
        var places = HandshakePlaces(limit: 1_024)
        #expect(Self.taken(&places, by: IPAddress(ipv4: 10, 0, 0, 1)) == (512, .handshakesPerSource))
        #expect(Self.taken(&places, by: IPAddress(ipv4: 10, 0, 0, 2)) == (256, .handshakesPerSource))
        #expect(places.count == 768)
        // Whoever had its share gets more when others have left.
        for _ in 0..<256 { places.give(IPAddress(ipv4: 10, 0, 0, 2)) }
        #expect(places.take(IPAddress(ipv4: 10, 0, 0, 1)) == .handshakesPerSource)
        places.give(IPAddress(ipv4: 10, 0, 0, 1))
        #expect(places.take(IPAddress(ipv4: 10, 0, 0, 1)) == nil)
    }

    @Test func aNewSourceGetsThePlacesThatAreLeft() {
        var places = HandshakePlaces(limit: 8)
        _ = Self.taken(&places, by: IPAddress(ipv4: 10, 0, 0, 1))
        for last: UInt8 in 2...5 { #expect(places.take(IPAddress(ipv4: 10, 0, 0, last)) == nil) }
        #expect(places.take(IPAddress(ipv4: 10, 0, 0, 6)) == .handshakes)
    }

    /// Any user of this host can connect from all of them.
    @Test func loopbackIsOneSource() {
        var places = HandshakePlaces(limit: 4)
        #expect(places.take(IPAddress(ipv4: 127, 0, 0, 1)) == nil)
        #expect(places.take(IPAddress(ipv4: 127, 9, 9, 9)) == nil)
        #expect(places.take(IPAddress(high: 0, low: 1, isIPv4: false)) == .handshakesPerSource)
        places.give(IPAddress(ipv4: 127, 3, 3, 3))
        #expect(places.take(IPAddress(high: 0, low: 1, isIPv4: false)) == nil)
    }

    /// An address is a host in IPv4 only, however it is written.
    @Test func aNetworkOf64BitsIsOneSource() {
        var places = HandshakePlaces(limit: 4)
        #expect(places.take(IPAddress(high: 0x2001_0db8 << 32, low: 1, isIPv4: false)) == nil)
        #expect(places.take(IPAddress(high: 0x2001_0db8 << 32, low: 2, isIPv4: false)) == nil)
        #expect(places.take(IPAddress(high: 0x2001_0db8 << 32, low: 3, isIPv4: false)) == .handshakesPerSource)
        var mapped = HandshakePlaces(limit: 2)
        #expect(mapped.take(IPAddress(high: 0, low: 0xffff << 32 | 0x0a00_0001, isIPv4: false)) == nil)
        #expect(mapped.take(IPAddress(ipv4: 10, 0, 0, 1)) == .handshakesPerSource)
        mapped.give(IPAddress(ipv4: 10, 0, 0, 1))
        #expect(mapped.count == 0)
    }
}
