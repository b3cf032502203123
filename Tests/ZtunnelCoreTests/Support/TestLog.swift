import Glibc
import MeshTelemetry
import NodeCore
import Synchronization
import Testing
import ZtunnelCore

/// The log of a data path under test: a pipe whose lines are kept.
final class TestLog: Sendable {
    let sink: LogSink
    let logger: Logger
    private let reader: CInt
    private let lines = Mutex<[String]>([])

    init() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        reader = ends[0]
        let sink = try LogSink(descriptor: ends[1])
        self.sink = sink
        logger = Logger(clock: { 0 }, sink: { sink.write($0) })
        let descriptor = reader
        TestThread.start { [weak self] in
            var rest: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                guard count > 0, let self else { return }
                rest += buffer[..<count]
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = String(decoding: rest[..<end], as: UTF8.self)
                    rest.removeSubrange(...end)
                    self.lines.withLock { $0.append(line) }
                }
            }
        }
    }

    /// All lines so far.
    var all: [String] { lines.withLock(\.self) }

    /// Waits until a line has all of `parts`, and returns it; fails the test after ten seconds.
    @discardableResult
    func wait(for parts: String..., location: SourceLocation = #_sourceLocation) -> String {
        var found: String?
        let came = Eventually.holds {
            found = self.all.first { line in parts.allSatisfy { line.contains($0) } }
            return found != nil
        }
        if !came {
            Issue.record(
                "no line with \(parts) among:\n\(all.suffix(20).joined(separator: "\n"))", sourceLocation: location)
        }
        return found ?? ""
    }
}
