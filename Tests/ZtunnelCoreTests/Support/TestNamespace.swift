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

    /// A namespace that is nothing but a switch.
    static func hub(_ label: String) throws -> TestNamespace {
        let hub = try TestNamespace(label + "hub")
        try hub.run("ip link add sw type bridge")
        try hub.run("ip link set sw up")
        return hub
    }

    /// Joins the switch with a link of its own, which has these addresses and leads everywhere.
    func join(_ hub: TestNamespace, _ link: String, ipv4: String, ipv6: String) throws {
        try hub.run("ip link add \(link) type veth peer name e0 netns \(name)")
        try hub.run("ip link set \(link) master sw")
        try hub.run("ip link set \(link) up")
        try run("ip addr add \(ipv4)/24 dev e0")
        try run("ip addr add \(ipv6)/64 dev e0 nodad")
        try run("ip link set e0 up")
        try run("ip route add default dev e0")
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
