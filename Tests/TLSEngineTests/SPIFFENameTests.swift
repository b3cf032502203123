import TLSEngine
import Testing

@Suite struct SPIFFENameTests {
    @Test(
        arguments: [
            ("spiffe://cluster.local/ns/default/sa/web", "cluster.local"),
            ("spiffe://cluster.local/ns/default/sa/web/x", nil),
            ("spiffe://cluster.local/ns/default/sa/", nil),
            ("spiffe:///ns/default/sa/web", nil),
            ("https://cluster.local/ns/default/sa/web", nil),
            ("spiffe://cluster.local/ambit/node/a", nil),
        ] as [(String, String?)])
    func onlyTheExactFormIsAnIdentity(uri: String, trustDomain: String?) {
        #expect(SPIFFEName.trustDomain(of: uri) == trustDomain)
    }
}
