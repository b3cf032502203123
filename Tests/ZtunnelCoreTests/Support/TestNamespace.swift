import Glibc
import LinuxSystem
import Testing

/// A throw-away network namespace of the test run, named ztd..., with its loopback interface up.
final class TestNamespace: Sendable {
    let name: String

    init(_ label: String) throws {
        name = "ztd\(getpid())\(label)"
        try Command.run("ip netns add \(name)")
        try Command.run("ip -n \(name) link set lo up")
    }

    deinit {
        _ = try? Command.run("ip netns del \(name)")
    }

    /// Output of a shell command inside the namespace.
    @discardableResult
    func run(_ command: String) throws -> String {
        try Command.run("ip netns exec \(name) \(command)")
    }

    /// The namespace as the data path takes it.
    func handle() throws -> NetworkNamespace {
        try NetworkNamespace(path: "/run/netns/\(name)")
    }

    /// Runs `body` in the namespace on the calling thread, and comes back.
    func inside<T>(_ body: () throws -> T) throws -> T {
        // Glibc's module leaves setns(2) out, which needs _GNU_SOURCE.
        typealias SetNamespace = @convention(c) (CInt, CInt) -> CInt
        let setns = unsafeBitCast(try #require(dlsym(nil, "setns")), to: SetNamespace.self)
        let cloneNewNetwork: CInt = 0x4000_0000
        let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        let there = open("/run/netns/\(name)", O_RDONLY | O_CLOEXEC)
        defer {
            close(home)
            close(there)
        }
        try #require(home >= 0 && there >= 0 && setns(there, cloneNewNetwork) == 0, "setns to \(name): needs root")
        defer { precondition(setns(home, cloneNewNetwork) == 0) }
        return try body()
    }
}
