import MeshModel
import Testing

@Suite struct CIDRTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.1.2.3/8", "10.9.9.9", true),
        ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false), ("10.0.0.1", "10.0.0.1", true),
        ("10.0.0.1/32", "10.0.0.2", false), ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false), ("::/0", "fe80::1", true),
        ("2001:db8::/64", "2001:db8::ffff", true),
        ("2001:db8::/65", "2001:db8:0:0:8000::1", false), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
        ("10.0.0.0/31", "10.0.0.1", true), ("10.0.0.0/31", "10.0.0.2", false),
    ])
    func contains(_ range: String, _ address: String, _ expected: Bool) throws {
        #expect(try #require(CIDR(range)).contains(try #require(IPAddress(address))) == expected)
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "::/129", "10.0.0.0/8/8", "10.0.0/8",
        "10.0.0.0/1000", "x/8",
    ])
    func refuses(_ text: String) {
        #expect(CIDR(text) == nil)
    }

    @Test func clearsBitsAfterThePrefix() throws {
        #expect(try #require(CIDR("10.1.2.3/8")) == #require(CIDR("10.0.0.0/8")))
        #expect(try #require(CIDR("10.1.2.3/0")).description == "0.0.0.0/0")
        #expect(try #require(CIDR("2001:db8:1:2:3:4:5:6/96")).description == "2001:db8:1:2:3:4::/96")
    }
}
