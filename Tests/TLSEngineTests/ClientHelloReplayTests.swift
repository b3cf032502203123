import Foundation
import FuzzTargets
import Testing

/// The corpus of ClientHello messages, with changed bytes and cuts, through the server side of a session.
@Suite struct ClientHelloReplayTests {
    @Test func replay() throws {
        #expect(TLSFuzz.context != nil, "the openssl program makes the server's certificate: run `make deps`")
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fuzz/Corpus/clientHello")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count >= 12, "the corpus is missing")
        for file in files {
            let seed = Array(try Data(contentsOf: file))
            seed.withUnsafeBytes(TLSFuzz.clientHello)
            // A handshake costs a key exchange: every seventh byte is enough here, `make fuzz` searches on.
            for index in stride(from: 0, to: seed.count, by: 7) {
                var bytes = seed
                bytes[index] ^= 0x81
                bytes.withUnsafeBytes(TLSFuzz.clientHello)
                seed[..<index].withUnsafeBytes(TLSFuzz.clientHello)
            }
        }
    }
}
