import HTTPWire
import Testing

/// One row of the tables: bytes in, lines out. Named by the section of RFC 9112 that decides it, or of RFC 9110 where it says so.
struct HTTP1Case: Sendable, CustomTestStringConvertible {
    var name: String
    var input: String
    var expected: [String]
    /// Client: the method of the request that is answered.
    var method = "GET"
    var configuration = HTTP1Configuration()
    var testDescription: String { name }

    init(
        _ name: String, _ input: String, _ expected: [String], method: String = "GET",
        _ configure: (inout HTTP1Configuration) -> Void = { _ in }
    ) {
        self.name = name
        self.input = input
        self.expected = expected
        self.method = method
        configure(&configuration)
    }

    /// What a server reports if the input arrives in `pieces`.
    func serve(_ pieces: [ArraySlice<UInt8>]) -> [String] {
        var peer = HTTP1Peer(.server, configuration)
        for piece in pieces { peer.feed(Array(piece)) }
        return peer.takeLines()
    }

    /// What a client reports if the input arrives in `pieces` and the connection ends then.
    func receive(_ pieces: [ArraySlice<UInt8>]) throws -> [String] {
        var peer = try HTTP1Peer.client(method, configuration)
        for piece in pieces { peer.feed(Array(piece)) }
        if !peer.connection.isIdle { peer.close() }
        return peer.takeLines() + [peer.connection.isIdle ? "reusable" : "close"]
    }

    /// Every way to cut the input in two, and into single bytes.
    var cuts: [[ArraySlice<UInt8>]] {
        let bytes = Array(input.utf8)
        return [[bytes[...]], bytes.indices.map { bytes[$0...$0] }]
            + bytes.indices.map { [bytes[..<$0], bytes[$0...]] }
    }
}
