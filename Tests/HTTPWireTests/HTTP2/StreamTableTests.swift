import Testing

@testable import HTTPWire

/// The table against a dictionary, and its size.
@Suite struct StreamTableTests {
    @Test("a record is 32 bytes")
    func size() {
        #expect(MemoryLayout<HTTP2Stream>.stride == 32)
    }

    @Test("behaves like a dictionary", arguments: 0..<20 as Range<UInt64>)
    func model(seed: UInt64) {
        var random = SplitMix64(state: seed)
        var table = HTTP2StreamTable()
        var model: [UInt32: Int32] = [:]
        // Odd numbers that crowd the same slots as well as consecutive ones.
        let step: UInt32 = seed % 2 == 0 ? 2 : 512
        var next: UInt32 = 1
        for _ in 0..<3_000 {
            if Bool.random(using: &random) || model.isEmpty {
                var stream = HTTP2Stream()
                stream.id = next
                stream.sendWindow = Int32(truncatingIfNeeded: random.next())
                model[next] = stream.sendWindow
                next += step
                table.insert(stream)
            } else if let id = model.keys.sorted().randomElement(using: &random), let slot = table.slot(of: id) {
                table.remove(at: slot)
                model[id] = nil
            }
            #expect(table.count == model.count)
            if let (id, window) = model.first {
                #expect(table.slot(of: id).map { table[$0].sendWindow } == window)
            }
            #expect(table.slot(of: next) == nil)
        }
        for (id, window) in model { #expect(table.slot(of: id).map { table[$0].sendWindow } == window) }
    }

    @Test("shrinks as streams end")
    func shrinks() {
        var table = HTTP2StreamTable()
        for id in stride(from: UInt32(1), to: 20_001, by: 2) {
            var stream = HTTP2Stream()
            stream.id = id
            table.insert(stream)
        }
        #expect(table.slots.count * 32 / table.count <= 128)
        for id in stride(from: UInt32(1), to: 20_001, by: 2) {
            if let slot = table.slot(of: id) { table.remove(at: slot) }
        }
        #expect(table.count == 0)
        #expect(table.slots.count == 8)
    }
}
