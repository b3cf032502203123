import TLSEngine

/// Two sessions joined in memory, and what came of each.
final class JoinedSessions {
    let client: TLSSession
    let server: TLSSession
    private(set) var clientEnd: Result<Void, TLSError>?
    private(set) var serverEnd: Result<Void, TLSError>?
    private(set) var clientReceived: [UInt8] = []
    private(set) var serverReceived: [UInt8] = []
    private(set) var clientBroke: TLSError?
    private(set) var serverBroke: TLSError?

    init(_ client: TLSSession, _ server: TLSSession) {
        self.client = client
        self.server = server
    }

    var clientError: String { Self.message(clientEnd) + (clientBroke?.message ?? "") }
    var serverError: String { Self.message(serverEnd) + (serverBroke?.message ?? "") }
    var bothOpen: Bool { clientError.isEmpty && serverError.isEmpty && clientEnd != nil && serverEnd != nil }

    private static func message(_ end: Result<Void, TLSError>?) -> String {
        if case .failure(let error)? = end { error.message } else { "" }
    }

    /// Carries bytes to and fro until nothing moves; `step` is the size of each piece.
    func run(step: Int = .max) {
        Self.advance(client, &clientEnd, &clientReceived, &clientBroke)
        Self.advance(server, &serverEnd, &serverReceived, &serverBroke)
        for _ in 0..<400_000 {
            let there = move(client, server, step) { Self.advance(server, &serverEnd, &serverReceived, &serverBroke) }
            let back = move(server, client, step) { Self.advance(client, &clientEnd, &clientReceived, &clientBroke) }
            if !there && !back { break }
        }
    }

    private func move(_ from: TLSSession, _ to: TLSSession, _ step: Int, _ advance: () -> Void) -> Bool {
        let count = min(step, from.outputCount)
        guard count > 0 else { return false }
        let bytes = Array(from.output[..<count])
        from.consumeOutput(count)
        bytes.withUnsafeBytes {
            to.receive($0)
            advance()
            to.discardInput()
        }
        return true
    }

    private static func advance(
        _ session: TLSSession, _ end: inout Result<Void, TLSError>?, _ received: inout [UInt8], _ broke: inout TLSError?
    ) {
        if end == nil {
            switch session.handshake() {
            case .complete: end = .success(())
            case .incomplete, .waiting: return
            case .failed(let error): end = .failure(error)
            }
        }
        guard case .success? = end else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            switch session.read(into: buffer) {
            case .bytes(let count): received.append(contentsOf: buffer[..<count])
            case .incomplete, .closed: return
            case .failed(let error):
                broke = broke ?? error
                return
            }
        }
    }
}
