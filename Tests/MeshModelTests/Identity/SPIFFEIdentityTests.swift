import MeshModel
import Testing

@Suite struct SPIFFEIdentityTests {
    @Test func parsesTheExactForm() throws {
        let identity = try #require(SPIFFEIdentity(uri: "spiffe://cluster.local/ns/shop/sa/web"))
        #expect(identity == SPIFFEIdentity(trustDomain: "cluster.local", namespace: "shop", serviceAccount: "web"))
        #expect(identity.uri == "spiffe://cluster.local/ns/shop/sa/web")
        #expect(identity.principal == "cluster.local/ns/shop/sa/web")
        #expect(identity.serverName == "web.shop.cluster.local")
    }

    @Test(arguments: [
        "", "spiffe://", "spiffe://td", "spiffe://td/ns/a/sa", "spiffe://td/ns/a/sa/", "spiffe://td/ns//sa/b",
        "spiffe:///ns/a/sa/b",
        "spiffe://td/ns/a/sa/b/", "spiffe://td/ns/a/sa/b/c", "spiffe://td/sa/a/ns/b", "SPIFFE://td/ns/a/sa/b",
        "http://td/ns/a/sa/b", "spiffe://td/ns/a/sa/b?x", "spiffe://td/ns/a/sa/b#x", "spiffe://td/ns/a/sa/b c",
        "spiffe://td/ns/../sa/b", "spiffe://td/ns/a/sa/%62", "spiffe://td:80/ns/a/sa/b", " spiffe://td/ns/a/sa/b",
        "spiffe://td/ns/\u{e4}/sa/b", "spiffe://td/ambit/node/one",
    ])
    func refuses(_ uri: String) {
        #expect(SPIFFEIdentity(uri: uri) == nil)
    }

    @Test func refusesWhatIsLongerThanSPIFFEAllows() {
        #expect(SPIFFEIdentity(uri: "spiffe://td/ns/a/sa/" + String(repeating: "b", count: 2048)) == nil)
    }
}
