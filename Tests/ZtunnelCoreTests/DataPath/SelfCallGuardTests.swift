import LinuxSystem
import NodeCore
import Testing
import ZtunnelCore

/// Which captured connections would come back to us.
@Suite struct SelfCallGuardTests {
    private func address(_ bytes: [UInt8], _ port: UInt16) throws -> SocketAddress {
        try #require(SocketAddress(ipBytes: bytes, port: port))
    }

    @Test(arguments: [15001, 15006, 15008] as [UInt16])
    func thePortsOfTheLoopbackAreSelfCalls(port: UInt16) throws {
        let accepted = try address([10, 0, 0, 1], 15001)
        #expect(SelfCallGuard.isSelfCall(try address([127, 0, 0, 1], port), acceptedOn: accepted, port: 15001))
    }

    @Test func aCallWithoutRedirectionIsASelfCallAndOthersAreNot() throws {
        let own = try address([10, 0, 0, 1], 15001)
        #expect(SelfCallGuard.isSelfCall(own, acceptedOn: own, port: 15001))
        #expect(!SelfCallGuard.isSelfCall(try address([10, 0, 0, 2], 15001), acceptedOn: own, port: 15001))
        #expect(!SelfCallGuard.isSelfCall(try address([127, 0, 0, 1], 8080), acceptedOn: own, port: 15001))
    }
}
