import HTTPWire
import LinuxSystem
import Synchronization
import Testing

@testable import MeshRuntime

@Suite struct EventLoopTests {
    @Test func timersFireInOrderAndCancelledOnesDoNot() throws {
        try onLoop { loop, done in
            var order: [Int] = []
            loop.schedule(after: .milliseconds(20)) { order.append(3) }
            let cancelled = loop.schedule(after: .milliseconds(5)) { order.append(99) }
            loop.schedule(after: .milliseconds(10)) { order.append(1) }
            loop.schedule(after: .milliseconds(10)) { order.append(2) }
            loop.cancel(cancelled)
            loop.cancel(cancelled)
            loop.schedule(after: .milliseconds(30)) {
                #expect(order == [1, 2, 3])
                done()
            }
        }
    }

    @Test func heapAgreesWithASortedList() {
        var heap = TimerHeap()
        var random = SystemRandomNumberGenerator()
        var model: [(UInt64, Int, TimerID)] = []
        var fired: [Int] = []
        for number in 0..<2000 {
            let deadline = UInt64.random(in: 0..<500, using: &random)
            let id = heap.schedule(at: MonotonicTime(nanoseconds: deadline)) { fired.append(number) }
            model.append((deadline, number, id))
            if number % 3 == 0, let victim = model.indices.randomElement(using: &random) {
                let cancelled = heap.cancel(model[victim].2)
                #expect(cancelled)
                model.remove(at: victim)
            }
        }
        #expect(heap.count == model.count)
        while let body = heap.popDue(MonotonicTime(nanoseconds: 1000), upTo: heap.last) { body() }
        #expect(fired == model.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.1))
        #expect(heap.count == 0 && heap.next == nil)
    }

    /// A timer that is due at once belongs to the next turn: else one that sets itself again would keep the loop for itself.
    @Test func whatIsSetInATurnRunsInALaterOne() throws {
        try onLoop { loop, done in
            var turns: [UInt64] = []
            var others = 0
            func again() {
                turns.append(loop.turns)
                // In the past: it must not stay in front of those that have been due for longer either.
                if turns.count < 10 { loop.schedule(at: MonotonicTime(nanoseconds: 1)) { again() } }
                loop.schedule(after: .zero) { others += 1 }
            }
            again()
            when(loop, { turns.count == 10 && others == 10 }) {
                #expect(Set(turns).count == 10)
                done()
            }
        }
    }

    @Test func mailboxIsBoundedAndKeepsOrder() throws {
        let loop = try EventLoop(name: "bounded", mailboxCapacity: 3)
        let seen = Mutex<[Int]>([])
        for number in 0..<3 { #expect(loop.submit { seen.withLock { $0.append(number) } }) }
        #expect(!loop.submit { seen.withLock { $0.append(99) } })
        let thread = try LoopThread(running: loop)
        while seen.withLock({ $0.count }) < 3 {}
        #expect(loop.submit { seen.withLock { $0.append(loop.isCurrent ? 7 : 8) } })
        while seen.withLock({ $0.count }) < 4 {}
        thread.stopAndJoin()
        #expect(seen.withLock { $0 } == [0, 1, 2, 7])
        #expect(!loop.isCurrent)
    }

    @Test func staleTokensFindNothing() throws {
        final class Source: EventSource {}
        let loop = try EventLoop(name: "tokens")
        var table = SourceTable()
        let first = Source(loop: loop)
        let second = Source(loop: loop)
        guard let old = table.insert(first) else { throw Errno.noMemory }
        table.remove(old)
        table.remove(old)
        guard let new = table.insert(second) else { throw Errno.noMemory }
        #expect(UInt32(truncatingIfNeeded: old) == UInt32(truncatingIfNeeded: new))
        #expect(table.source(old) == nil)
        #expect(table.source(new) === second)
        #expect(table.source(12345) == nil)
        #expect(table.count == 1)
    }

    @Test func acceptPausesWhenDescriptorsRunOut() throws {
        try onLoop { loop, done in
            let listening = try Socket.listen(on: .loopback4(port: 0))
            let address = try Socket.localAddress(listening.raw)
            var refusals = 2
            var listener: Listener?
            listener = try Listener(
                loop: loop, socket: listening,
                accept: { socket throws(Errno) in
                    if refusals > 0 {
                        refusals -= 1
                        throw .tooManyOpenFiles
                    }
                    return try Socket.accept(socket)
                },
                onAccept: { _, _ in
                    #expect(listener?.pauses == 2)
                    #expect(listener?.accepted == 1)
                    listener?.close()
                    done()
                })
            let client = try Socket.tcp(for: address)
            _ = try Socket.connect(client.raw, to: address)
            _ = client.release()
        }
    }

    @Test func twoLoopsShareAListener() throws {
        let listening = try Socket.listen(on: .loopback4(port: 0))
        let address = try Socket.localAddress(listening.raw)
        let count = Atomic<Int>(0)
        let shared = try listening.duplicate().release()
        let threads = try [listening.release(), shared].map { number in
            try LoopThread(name: "share") { loop in
                // Kept by the loop it is registered with.
                _ = try? Listener(loop: loop, socket: Descriptor(taking: number)) { _, _ in
                    count.add(1, ordering: .relaxed)
                }
            }
        }
        for _ in 0..<50 {
            let client = try Socket.tcp(for: address)
            _ = try Socket.connect(client.raw, to: address)
            _ = client.release()
        }
        while count.load(ordering: .relaxed) < 50 {}
        threads.forEach { $0.stopAndJoin() }
    }

    @Test func backlogKeepsOrderOverChunks() {
        let pool = ChunkPool()
        let backlog = Backlog(pool: pool)
        let bytes = [UInt8]((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        var start = 0
        for size in [1, 65_535, 2, 70_000, 64_462] {
            #expect(bytes[start..<start + size].withUnsafeBytes { backlog.append($0) })
            start += size
        }
        #expect(backlog.count == 200_000 && pool.bytesInUse == 4 * RuntimeLimits.chunkBytes)
        var out: [UInt8] = []
        let vectors = UnsafeMutablePointer<IOVector>.allocate(capacity: 8)
        defer { vectors.deallocate() }
        while backlog.count > 0 {
            let count = backlog.describe(into: vectors, limit: 8)
            #expect(count > 0)
            let piece = min(vectors[0].count, 30_000)
            out.append(contentsOf: UnsafeRawBufferPointer(start: vectors[0].base, count: piece))
            backlog.consume(piece)
        }
        #expect(out == bytes)
        #expect(pool.bytesInUse == 0)
    }

    @Test func relayProgressNeedsBothDirections() {
        var progress = RelayProgress()
        let answers = [
            progress.passed(.first), progress.ended(.first), progress.ended(.first), progress.passed(.first),
            progress.ended(.second), progress.passed(.second), progress.passed(.second),
        ]
        #expect(answers == [false, true, false, false, true, true, false])
    }
}
