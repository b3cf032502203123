import TLSEngine
import TestCertificates
import Testing

/// The server name of a connection that is not ours to answer.
@Suite struct ClientHelloReaderTests {
    /// The first flight of a client of OpenSSL's.
    private func hello(_ name: String?, _ protocols: [String] = []) throws -> [UInt8] {
        let context = try PublicTLSContext(client: PublicTLSClientSettings(trust: .unverified))
        let session = try TLSSession(
            client: context, serverName: name, names: .any, protocols: protocols, pool: CiphertextPool())
        _ = session.handshake()
        return Array(session.output)
    }

    @Test func readsWhatOpenSSLWrites() throws {
        let bytes = try hello("Shop.Example", ["h2", "http/1.1"])
        let wanted = ClientHelloReader.Verdict.hello(
            TLSClientOffer(serverName: "shop.example", protocols: ["h2", "http/1.1"]))
        #expect(ClientHelloReader.look(at: bytes) == wanted)
        #expect(ClientHelloReader.look(at: bytes + [1, 2, 3]) == wanted)
        for count in 0..<bytes.count {
            #expect(ClientHelloReader.look(at: Array(bytes[..<count])) == .undecided, "\(count) bytes")
        }
        #expect(
            ClientHelloReader.look(at: try hello(nil)) == .hello(TLSClientOffer(serverName: nil, protocols: [])))
    }

    @Test(arguments: [1, 7, 100])
    func severalRecordsAreOneMessage(size: Int) throws {
        let bytes = try hello("shop.example")
        let message = Array(bytes.dropFirst(5))
        var cut: [UInt8] = []
        for start in stride(from: 0, to: message.count, by: size) {
            let piece = message[start..<min(start + size, message.count)]
            cut += [22, 3, 1, UInt8(piece.count >> 8), UInt8(piece.count & 255)] + piece
        }
        #expect(
            ClientHelloReader.look(at: cut) == .hello(TLSClientOffer(serverName: "shop.example", protocols: [])))
    }

    @Test func anythingElseIsSaidAtOnce() {
        for bytes in [
            Array("GET / HTTP/1.1".utf8), [22, 2, 1, 0, 9], [22, 3, 1, 0, 0], [22, 3, 1, 0x7f, 0xff, 1],
            [22, 3, 1, 0, 4, 2, 0, 0, 0], [22, 3, 1, 0, 4, 1, 0xff, 0, 0], [23, 3, 3, 0, 1, 0],
        ] as [[UInt8]] {
            #expect(ClientHelloReader.look(at: bytes) == .other, "\(bytes)")
        }
    }

    @Test func damagedLengthsAreNoHello() throws {
        let bytes = try hello("shop.example", ["h2"])
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            // Whatever comes of it, it ends, and a name that is found is visible ASCII.
            if case .hello(let offer) = ClientHelloReader.look(at: damaged), let name = offer.serverName {
                #expect(name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f })
            }
        }
    }

    @Test func muchWithoutAnEndIsGivenUp() {
        var bytes: [UInt8] = []
        while bytes.count < ClientHelloReader.limit { bytes += [22, 3, 1, 0, 1, bytes.isEmpty ? 1 : 0] }
        #expect(ClientHelloReader.look(at: bytes) == .other)
    }
}
