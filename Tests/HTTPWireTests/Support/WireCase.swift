import HTTPWire
import Testing

/// One row of the conformance tables: bytes in, lines out. Named by the section of the RFC that decides it.
struct WireCase: Sendable, CustomTestStringConvertible {
    var name: String
    var role: HTTP2Role
    /// False: the bytes are the very first ones.
    var isReady: Bool
    var input: [UInt8]
    var expected: [String]
    var configure: @Sendable (inout HTTP2Configuration) -> Void

    init(
        _ name: String, role: HTTP2Role = .server, ready: Bool = true, _ input: [[UInt8]], _ expected: [String],
        configure: @escaping @Sendable (inout HTTP2Configuration) -> Void = { _ in }
    ) {
        self.name = name
        self.role = role
        isReady = ready
        self.input = input.flatMap { $0 }
        self.expected = expected
        self.configure = configure
    }

    var testDescription: String { name }

    /// What comes out if the input arrives in `pieces`.
    func run(_ pieces: [[UInt8]]) -> [String] {
        var configuration = HTTP2Configuration()
        configure(&configuration)
        var peer = isReady ? Peer.ready(role, configuration) : Peer(role, configuration)
        if !isReady { _ = peer.takeLines() }
        for piece in pieces { peer.feed(piece) }
        return peer.takeLines()
    }
}
