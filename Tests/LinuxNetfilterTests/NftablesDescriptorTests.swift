import Glibc
import Testing

@testable import LinuxNetfilter

@Suite struct NftablesDescriptorTests {
    /// FD_SETSIZE: from this descriptor on select(2) ends the program.
    static let selectLimit: CInt = 1_024

    @Test func `commands run while more descriptors are open than select can wait for`() throws {
        var held: [CInt] = []
        defer { for descriptor in held { close(descriptor) } }
        while held.last ?? 0 <= Self.selectLimit {
            let next = dup(STDERR_FILENO)
            try #require(next >= 0, "this test needs \(Self.selectLimit) descriptors")
            held.append(next)
        }
        let namespace = try TestNamespace("select")
        try namespace.inside {
            try Nftables.run("add table inet many\n", as: "add a table")
            #expect(try Nftables.tables() == ["many"])
        }
        // The runs' own descriptor tables took none of ours with them.
        for descriptor in held { #expect(fcntl(descriptor, F_GETFD) >= 0) }
    }

    @Test func `a run leaves no descriptor behind`() throws {
        let namespace = try TestNamespace("leftover")
        try namespace.inside {
            let before = try descriptors()
            for _ in 0..<20 { _ = try Nftables.tables() }
            #expect(try descriptors() <= before)
        }
    }

    private func descriptors() throws -> Int {
        let folder = try #require(opendir("/proc/self/fd"))
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
