import Glibc
import NodeCore
import Testing
import ZtunnelCore

/// Lines leave in order and whole; a reader that does not read costs lines, never time.
@Suite struct LogSinkTests {
    @Test func linesArriveInOrder() throws {
        let log = try TestLog()
        for index in 0..<1_000 { log.sink.write("line \(index)") }
        #expect(Eventually.holds { log.all.count == 1_000 })
        #expect(log.all == (0..<1_000).map { "line \($0)" })
        #expect(log.sink.droppedLines == 0)
    }

    @Test func aReaderThatDoesNotReadCostsLinesNotTime() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        let sink = try LogSink(descriptor: ends[1], capacity: 100)
        // The pipe takes 64 KiB, then the writer's thread blocks in the kernel.
        let line = String(repeating: "x", count: 1_000)
        for _ in 0..<2_000 { sink.write(line) }
        #expect(sink.droppedLines > 0)
        // The reader comes back: what was queued arrives, and the pipe is free again.
        var got = 0
        var buffer = [UInt8](repeating: 0, count: 65536)
        let dropped = Int(sink.droppedLines)
        while got < (2_000 - dropped) * 1_001 {
            let count = read(ends[0], &buffer, buffer.count)
            if count <= 0 { break }
            got += count
        }
        #expect(got == (2_000 - dropped) * 1_001)
        close(ends[0])
    }
}
