import NodeCore
import Testing

@testable import ZtunnelCore

/// Random numbers and the guard against calls to ourselves: small parts of a worker.
@Suite struct WorkerPartsTests {
    @Test func theSameSeedGivesTheSameNumbersAndTheyAreSpread() {
        var first = WorkerRandom(seed: 7)
        var second = WorkerRandom(seed: 7)
        var counts = [Int](repeating: 0, count: 4)
        for _ in 0..<4_000 {
            let number = first.next()
            #expect(number == second.next())
            counts[Int(number >> 62)] += 1
        }
        #expect(counts.allSatisfy { $0 > 850 && $0 < 1_150 })
    }
}
