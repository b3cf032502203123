import LinuxSystem
import MeshRuntime
import Testing

/// One application of a bulk transfer: sends a pseudo-random sequence and checks the other's.
final class BulkEnd {
    private static let block = 1 << 18
    private let loop: EventLoop
    private let connection: TCPConnection
    private let total: Int
    private let onProgress: () -> Void
    private var out: UInt64
    private var expected: UInt64
    private var sent = 0
    private var received = 0
    private var ended = false
    private var offset = 0

    init(
        _ loop: EventLoop, _ connection: TCPConnection, seed: UInt64, expecting: UInt64, total: Int,
        _ onProgress: @escaping () -> Void
    ) {
        self.loop = loop
        self.connection = connection
        self.total = total
        self.onProgress = onProgress
        out = seed
        expected = expecting
        connection.read(
            onBytes: { [unowned self] in check($0) },
            onEnd: { [unowned self] error in
                #expect(error == nil)
                ended = true
                onProgress()
            })
        push()
    }

    var isComplete: Bool { ended && received == total && sent == total }

    // A word depends on its position alone, so that a lost, doubled or moved piece is seen.
    private static func word(_ state: inout UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }

    private func push() {
        while sent < total, connection.pendingBytes < 1 << 20 {
            let bytes = [UInt8](unsafeUninitializedCapacity: Self.block) { buffer, count in
                let words = UnsafeMutableRawBufferPointer(buffer).bindMemory(to: UInt64.self)
                for index in words.indices { words[index] = Self.word(&out) }
                count = Self.block
            }
            #expect(connection.write(bytes))
            sent += bytes.count
        }
        if sent == total { return connection.finishWriting() }
        loop.schedule(after: .milliseconds(1)) { [unowned self] in push() }
    }

    private var partial: [UInt8] = []

    private func check(_ bytes: UnsafeRawBufferPointer) {
        received += bytes.count
        var rest = bytes[...]
        if !partial.isEmpty {
            let missing = min(8 - partial.count, rest.count)
            partial.append(contentsOf: rest.prefix(missing))
            rest = rest.dropFirst(missing)
            guard partial.count == 8 else { return }
            let got = partial.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
            if got != Self.word(&expected) { Issue.record("wrong bytes before \(received)") }
            partial = []
        }
        let whole = UnsafeRawBufferPointer(rebasing: rest)
        var position = 0
        while position + 8 <= whole.count {
            if whole.loadUnaligned(fromByteOffset: position, as: UInt64.self) != Self.word(&expected) {
                Issue.record("wrong bytes before \(received)")
                return connection.reset()
            }
            position += 8
        }
        partial = Array(whole[position...])
    }
}
