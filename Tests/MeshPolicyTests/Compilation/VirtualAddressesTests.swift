import MeshModel
import MeshPolicy
import Testing

@Suite("Automatic addresses")
struct VirtualAddressesTests {
    @Test("are in Istio's ranges, never end in 0 or 255, and are all different")
    func ranges() throws {
        let keys = Set((0..<5_000).map { "Service/shop/s\($0)/s\($0)" })
        let (addresses, exhausted) = VirtualAddresses().allocating(for: keys, taken: [])
        #expect(exhausted == [])
        #expect(Set(addresses.numbers.values).count == 5_000)
        let range = try #require(CIDR("240.240.0.0/16"))
        let range6 = try #require(CIDR("2001:2::/48"))
        for key in keys {
            let pair = try #require(addresses.addresses(for: key))
            #expect(range.contains(pair.ipv4) && range6.contains(pair.ipv6))
            let last = pair.ipv4.bytes[3]
            #expect(last != 0 && last != 255)
        }
    }

    @Test("stay when services come and go, and return to a service that comes back")
    func stability() {
        let first = VirtualAddresses().allocating(for: ["a", "b", "c"], taken: []).allocations
        let more = first.allocating(for: ["a", "b", "c", "d", "e"], taken: []).allocations
        for key in ["a", "b", "c"] { #expect(more.numbers[key] == first.numbers[key]) }
        let less = more.allocating(for: ["c"], taken: []).allocations
        #expect(less.numbers == ["c": first.numbers["c"] ?? 0])
        let again = less.allocating(for: ["a", "c"], taken: []).allocations
        #expect(again.numbers["a"] == first.numbers["a"])
    }

    @Test("do not depend on the order of allocation where nothing collides")
    func order() {
        let together = VirtualAddresses().allocating(for: ["a", "b"], taken: []).allocations
        let apart = VirtualAddresses().allocating(for: ["b"], taken: []).allocations
            .allocating(for: ["a", "b"], taken: []).allocations
        #expect(together == apart)
    }

    @Test("make way for an address that a resource names itself, in either family")
    func taken() throws {
        let first = VirtualAddresses().allocating(for: ["a"], taken: []).allocations
        let pair = try #require(first.addresses(for: "a"))
        for address in [pair.ipv4, pair.ipv6] {
            let next = first.allocating(for: ["a"], taken: [address]).allocations
            #expect(next.numbers["a"] != first.numbers["a"])
        }
    }

    @Test("run out with the names of who got none")
    func exhaustion() {
        let keys = Set((0..<(VirtualAddresses.capacity + 3)).map { "k\($0)" })
        let (addresses, exhausted) = VirtualAddresses().allocating(for: keys, taken: [])
        #expect(addresses.numbers.count == VirtualAddresses.capacity)
        #expect(exhausted.count == 3)
    }

    @Test("stored numbers that we never give are dropped, and of two equal ones the first key keeps it")
    func stored() {
        let addresses = VirtualAddresses(numbers: ["a": 0, "b": 255, "c": 257, "d": 257])
        #expect(addresses.numbers == ["c": 257])
    }
}
