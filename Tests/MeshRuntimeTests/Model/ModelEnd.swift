import Glibc
import TestModels
import Testing

@testable import MeshRuntime

/// One end of a byte channel that does what a seed says: sends, holds back what it has got, stops, breaks off; and notes what it is told.
@safe
final class ModelEnd {
    /// How it ends its side.
    enum Ending: CaseIterable {
        /// After its last byte; it takes all of the other's.
        case orderly
        /// After its last byte, and it takes nothing more from then on.
        case stop
        /// In the middle.
        case reset
    }

    /// What all ends send, each from a place of its own.
    private static let pattern: [UInt8] = {
        var random = ModelRandom(seed: 7)
        return (0..<(1 << 18)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }()
    static let longest = 1 << 17

    let channel: ByteChannel
    let ending: Ending
    /// What it sends if nothing stops it, in bytes, and the place of the first in the pattern.
    let total: Int
    private let start: Int
    private let expected: Int
    private let loop: EventLoop
    private var random: ModelRandom
    private let greed: Int
    private var held = 0
    private var isWaiting = false
    private var isFinished = false
    private(set) var sent = 0
    private(set) var received = 0
    private(set) var ends = 0
    private(set) var loss: String?
    /// It has closed the channel, or was told that it is lost.
    private(set) var isOver = false

    /// `expected` is the place in the pattern of what the other end sends.
    init(_ channel: ByteChannel, _ random: ModelRandom, endings: [Ending], start: Int, expected: Int) {
        var random = random
        self.channel = channel
        loop = channel.loop
        ending = endings.randomElement(using: &random) ?? .orderly
        total = random.size(upTo: Self.longest)
        greed = random.one(in: 3) ? 1 << 20 : 1 << 14
        self.start = start
        self.expected = expected
        self.random = random
    }

    static func place(_ random: inout ModelRandom) -> Int { Int.random(in: 0..<longest, using: &random) }

    func begin() {
        unsafe channel.onBytes = { [self] in unsafe arrived($0) }
        channel.onEnd = { [self] in
            #expect(!isOver)
            ends += 1
            closeIfDone()
        }
        channel.onRoom = { [self] in
            #expect(!isOver)
            if isWaiting {
                isWaiting = false
                step()
            }
            closeIfDone()
        }
        channel.onLost = { [self] reason in
            #expect(!isOver)
            loss = reason
            isOver = true
        }
        channel.start()
        step()
    }

    private func arrived(_ bytes: UnsafeRawBufferPointer) {
        #expect(!isOver && ends == 0)
        let isRight = unsafe Self.pattern.withUnsafeBytes { pattern in
            guard received + bytes.count <= Self.longest, let one = pattern.baseAddress, let other = bytes.baseAddress
            else { return false }
            return unsafe memcmp(one + expected + received, other, bytes.count) == 0
        }
        if !isRight { _ = Issue.record("wrong bytes behind \(received)") }
        received += bytes.count
        held += bytes.count
        if random.one(in: 2) { return credit(held) }
        let count = Int.random(in: 0...held, using: &random)
        loop.schedule(after: .microseconds(random.size(upTo: 3_000))) { [self] in
            credit(count)
            // The rest, at last.
            loop.schedule(after: .microseconds(random.size(upTo: 3_000))) { [self] in credit(held) }
        }
    }

    private func credit(_ count: Int) {
        let count = min(count, held)
        held -= count
        if count > 0 { channel.credit(count) }
    }

    private func step() {
        while !isOver, !isFinished {
            if ending == .reset, sent >= total / 2 {
                isOver = true
                return channel.close(reset: true)
            }
            guard sent < total else { return finish() }
            guard channel.queuedBytes < greed else {
                isWaiting = true
                return
            }
            let count = min(max(random.size(upTo: 50_000), 1), total - sent)
            let from = start + sent
            sent += count
            unsafe Self.pattern.withUnsafeBytes {
                unsafe channel.send(UnsafeRawBufferPointer(rebasing: $0[from..<from + count]))
            }
            guard random.one(in: 3) else { continue }
            loop.schedule(after: .microseconds(random.size(upTo: 2_000))) { [self] in step() }
            return
        }
    }

    private func finish() {
        isFinished = true
        guard ending == .stop else {
            channel.finish()
            return closeIfDone()
        }
        channel.closeAfterOutput { [self] outcome in
            if case .notTaken = outcome { _ = Issue.record("the last bytes stand still") }
        }
        isOver = true
    }

    private func closeIfDone() {
        guard ending == .orderly, isFinished, ends == 1, channel.queuedBytes == 0, !isOver else { return }
        isOver = true
        // What it holds is for the channel to hand back.
        channel.close(reset: false)
    }

    /// What is wrong with what this end got from `other`, when both are over.
    func problem(with other: ModelEnd, isClient: Bool) -> String? {
        if ends > 1 { return "\(ends) ends" }
        if received > other.sent { return "more than was sent" }
        switch (ending, other.ending) {
        case (.orderly, .orderly):
            if let loss { return "lost: \(loss)" }
            if received != other.total || ends != 1 { return "\(received) of \(other.total) bytes, \(ends) ends" }
        case (.orderly, .stop):
            if isClient, let loss { return "lost: \(loss)" }
            if received != other.total || ends != 1 { return "\(received) of \(other.total) bytes, \(ends) ends" }
        case (.orderly, .reset):
            if loss == nil { return "no loss" }
        case (.stop, _), (.reset, _): break
        }
        return nil
    }

    var summary: String {
        "\(ending) sent \(sent)/\(total) received \(received) ends \(ends) held \(held) queued \(channel.queuedBytes)"
            + (isOver ? " over" : "") + (isWaiting ? " waits" : "") + (loss.map { " lost: " + $0 } ?? "")
    }
}
