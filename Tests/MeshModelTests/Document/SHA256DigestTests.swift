import MeshModel
import Testing

/// The forms in which configuration writes digests of certificates.
@Suite struct SHA256DigestTests {
    private static let bytes = [UInt8](0..<32)

    @Test(arguments: [
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
        "00:01:02:03:04:05:06:07:08:09:0A:0b:0c:0d:0e:0f:10:11:12:13:14:15:16:17:18:19:1a:1b:1c:1d:1e:1f",
    ])
    func hexadecimalMayHaveColons(text: String) {
        #expect(SHA256Digest(hexadecimal: text)?.bytes == Self.bytes)
    }

    @Test(arguments: [
        "", "00", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00",
        "00-01-02-03-04-05-06-07-08-09-0a-0b-0c-0d-0e-0f-10-11-12-13-14-15-16-17-18-19-1a-1b-1c-1d-1e-1f",
        "0001:0203040506070809:0a0b0c0d0e0f101112131415161718191a1b1c1d1e:",
    ])
    func anythingElseIsNone(text: String) {
        #expect(SHA256Digest(hexadecimal: text) == nil)
    }

    @Test func base64HasAllBytes() {
        #expect(SHA256Digest(base64: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?.bytes == Self.bytes)
        #expect(SHA256Digest(base64: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==") == nil)
        #expect(SHA256Digest(base64: "?") == nil && SHA256Digest(base64: "") == nil)
    }
}
