import MeshModel
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("192.0.2.1", "192.0.2.1"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("fe80:0:0:0:0:0:0:1", "fe80::1"),
    ])
    func parsesAndPrints(_ text: String, _ canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(bytes: address.bytes) == address)
        #expect(IPAddress(canonical) == address)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.04", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1..2.3", "a.b.c.d",
        ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1%eth0", "[::1]",
        "1:2:3:4:5:6:7:8::",
        "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "+1.2.3.4", "1.2.3.-4",
    ])
    func refuses(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func refusesOtherLengths() {
        for count in [0, 1, 3, 5, 15, 17, 32] {
            #expect(IPAddress(bytes: Array(repeating: UInt8(1), count: count)) == nil)
        }
    }

    @Test func knowsLoopbackAndMapped() throws {
        #expect(try #require(IPAddress("127.9.9.9")).isLoopback)
        #expect(try #require(IPAddress("::1")).isLoopback)
        #expect(try #require(IPAddress("::ffff:127.0.0.1")).isLoopback)
        #expect(try !#require(IPAddress("128.0.0.1")).isLoopback)
        #expect(try #require(IPAddress("::ffff:10.0.0.1")).unmapped == IPAddress("10.0.0.1"))
        #expect(try #require(IPAddress("2001:db8::1")).unmapped == IPAddress("2001:db8::1"))
    }

    @Test func ordersFamiliesThenValues() throws {
        let sorted = try ["::1", "10.0.0.2", "9.9.9.9", "::2"].map { try #require(IPAddress($0)) }.sorted()
        #expect(sorted.map(\.description) == ["9.9.9.9", "10.0.0.2", "::1", "::2"])
    }

    @Test(arguments: [
        ("10.1.2.3:80", "10.1.2.3:80"), ("[2001:db8::1]:65535", "[2001:db8::1]:65535"), ("0.0.0.0:0", "0.0.0.0:0"),
    ])
    func parsesTransportAddresses(_ text: String, _ expected: String) throws {
        #expect(try #require(TransportAddress(text)).description == expected)
    }

    @Test(arguments: [
        "10.1.2.3", "10.1.2.3:", "10.1.2.3:65536", "::1:80", "[10.1.2.3]:80", "[::1]80", "[]:1", "a:80", "1.2.3.4:+1",
    ])
    func refusesTransportAddresses(_ text: String) {
        #expect(TransportAddress(text) == nil)
    }
}
