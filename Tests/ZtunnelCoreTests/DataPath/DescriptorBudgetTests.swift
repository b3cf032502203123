import NodeCore
import Testing
import ZtunnelCore

@Suite struct DescriptorBudgetTests {
    private static let cases: [(UInt64, Int)] = [
        (256, 32), (1024, 64), (20_000, 1024), (1_048_576, 1024), (.max, 1024),
    ]

    @Test(arguments: cases) func theReserveIsASixteenthWithinBounds(limit: UInt64, reserve: Int) {
        #expect(DescriptorBudget(limit: limit).reserve == reserve)
    }

    @Test func acceptedConnectionsLeaveRoomForTheirUpstreamSockets() {
        let budget = DescriptorBudget(limit: 256)
        #expect(budget.admits(accepted: 191) && !budget.admits(accepted: 192))
        #expect(budget.admits(upstream: 223) && !budget.admits(upstream: 224))
        #expect(DescriptorBudget.unlimited.admits(accepted: .max))
    }
}
