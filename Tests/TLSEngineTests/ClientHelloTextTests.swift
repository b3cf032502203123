import Foundation
import TLSEngine
import Testing

/// What a proxy that does not end TLS reads of its beginning.
@Suite struct ClientHelloTextTests {
    private static func corpus(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fuzz/Corpus/clientHello")
        return Array(try Data(contentsOf: folder.appending(path: name)))
    }

    @Test(arguments: [
        ("tls13-sni", "server.fuzz.cluster.local"), ("tls13-no-sni", nil), ("tls12", "server.fuzz.cluster.local"),
    ])
    func theNameOfAWholeHelloIsRead(_ file: String, _ name: String?) throws {
        #expect(ClientHelloText.read(try Self.corpus(file)) == .hello(serverName: name))
    }

    @Test func everyBeginningIsIncompleteAndSaysWhatItNeeds() throws {
        let hello = try Self.corpus("tls13-sni")
        let length = 5 + Int(hello[3]) << 8 + Int(hello[4])
        for count in 0..<length {
            let needs = count < 5 ? 5 : length
            #expect(ClientHelloText.read(Array(hello[..<count])) == .incomplete(needs: needs), "\(count) bytes")
        }
        #expect(ClientHelloText.read(Array(hello[..<length])) == .hello(serverName: "server.fuzz.cluster.local"))
    }

    @Test func aHelloInSeveralRecordsIsPutTogether() throws {
        let hello = try Self.corpus("tls13-sni")
        let body = Array(hello[5..<(5 + Int(hello[3]) << 8 + Int(hello[4]))])
        for (size, isRead) in [(17, true), (7, false)] {
            var cut: [UInt8] = []
            for start in stride(from: 0, to: body.count, by: size) {
                let piece = body[start..<min(start + size, body.count)]
                cut += [22, 3, 1, 0, UInt8(piece.count)] + piece
            }
            let expected: ClientHelloText.Reading =
                isRead ? .hello(serverName: "server.fuzz.cluster.local") : .other
            #expect(ClientHelloText.read(cut) == expected, "records of \(size) bytes")
        }
    }

    @Test(
        arguments: [
            Array("GET / HTTP/1.1\r\n".utf8), [22, 2, 0, 0, 5], [22, 3, 1, 0, 0], [22, 3, 1, 0xff, 0xff],
            [22, 3, 1, 0, 4, 2, 0, 0, 0], [22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff],
        ] as [[UInt8]])
    func anythingElseIsNoTLS(_ bytes: [UInt8]) { #expect(ClientHelloText.read(bytes) == .other) }

    @Test func noChangeOfAByteBringsItDown() throws {
        for file in ["tls13-sni", "tls12", "twice", "empty-extensions", "huge-length"] {
            let seed = try Self.corpus(file)
            for index in seed.indices {
                var bytes = seed
                bytes[index] ^= 0x81
                _ = ClientHelloText.read(bytes)
            }
        }
    }
}
