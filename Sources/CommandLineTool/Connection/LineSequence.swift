import AsyncHTTPClient
import NIOCore

/// The lines of an answer that goes on, without their ends; how watch events come. A line has a bound, so that a server
/// that never ends one cannot fill the memory.
struct LineSequence: AsyncSequence {
    typealias Element = [UInt8]

    /// The longest line, in bytes: one object with its envelope.
    static let maximumLine = 16 << 20

    let body: HTTPClientResponse.Body

    struct AsyncIterator: AsyncIteratorProtocol {
        var chunks: HTTPClientResponse.Body.AsyncIterator
        var pending: [UInt8] = []
        var ended = false

        /// The next line that is not empty; nil at the end of the answer.
        mutating func next() async throws -> [UInt8]? {
            while true {
                if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = Array(pending[..<end])
                    pending.removeSubrange(...end)
                    if !line.isEmpty { return line }
                    continue
                }
                if ended {
                    defer { pending = [] }
                    return pending.isEmpty ? nil : pending
                }
                guard pending.count <= LineSequence.maximumLine else {
                    throw CommandFailure(
                        "the server sent a line of more than \(LineSequence.maximumLine) bytes",
                        next: "check that this server is ambitd")
                }
                if let chunk = try await chunks.next() {
                    pending.append(contentsOf: chunk.readableBytesView)
                } else {
                    ended = true
                }
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(chunks: body.makeAsyncIterator())
    }
}
