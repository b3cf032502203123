import HTTPWire
import Testing

@Suite struct HTTPAuthorityTests {
    @Test(
        "host and port",
        arguments: [
            ("Reviews.Default.SVC:9080", "reviews.default.svc", 9080), ("a", "a", nil), ("10.0.0.1:80", "10.0.0.1", 80),
            ("[2001:DB8::1]:443", "[2001:db8::1]", 443), ("[::1]", "[::1]", nil), ("a.", "a.", nil), ("a:0", "a", 0),
        ] as [(String, String, UInt16?)])
    func parses(_ text: String, _ host: String, _ port: UInt16?) {
        let authority = HTTPAuthority(parsing: text)
        #expect(authority?.host == host && authority?.port == port)
    }

    @Test(
        "refused",
        arguments: [
            "", ":80", "a:", "a:x", "a:65536", "a:-1", "a:00000080", "u@a", "u:p@a", "a/b", "a?b", "a#b", "a b", "a\\b",
            "[::1", "[]", "[g]", "::1", "é", "a\r\nb", "[::1]x",
        ])
    func refuses(_ text: String) {
        #expect(HTTPAuthority(parsing: text) == nil)
    }
}
