import Glibc
import Testing

@testable import LinuxNetfilter

@Suite struct NftablesDescriptorTests {
    @Test func `a session is refused where libnftables would end the program`() throws {
        var held: [CInt] = []
        defer { for descriptor in held { close(descriptor) } }
        while held.last ?? 0 < Nftables.highestDescriptor {
            let next = dup(STDERR_FILENO)
            try #require(next >= 0, "this test needs \(Nftables.highestDescriptor) descriptors")
            held.append(next)
        }
        #expect(throws: NetfilterError.self) { _ = try Nftables() }
    }
}
