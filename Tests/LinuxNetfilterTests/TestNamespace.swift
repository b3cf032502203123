import Glibc
import Testing

/// A throw-away network namespace of the test run, named ztc..., with its loopback interface up.
final class TestNamespace: Sendable {
    let name: String

    init(_ label: String) throws {
        name = "ztc\(getpid())\(label)"
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

    /// All that capture may change, as the system's own programs show it.
    func state() throws -> String {
        try run("nft list ruleset") + run("ip rule") + run("ip -6 rule") + run("ip route show table all")
            + run("ip -6 route show table all")
            + run("sysctl net.ipv4.tcp_fwmark_accept net.ipv4.fwmark_reflect net.ipv6.fwmark_reflect")
    }
}

/// Shell commands of tests.
enum Command {
    struct Failure: Error {
        let command: String
        let status: Int32
        let output: String
    }

    /// Runs `command` and returns what it printed; throws when it fails.
    @discardableResult
    static func run(_ command: String) throws -> String {
        guard let pipe = popen(command + " 2>&1", "r") else { throw Failure(command: command, status: -1, output: "") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, pipe)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        let status = pclose(pipe)
        let output = String(decoding: bytes, as: UTF8.self)
        guard status == 0 else { throw Failure(command: command, status: status, output: output) }
        return output
    }

    /// Waits until the kernel has told everybody that e0 is up, where `run` runs. It does so once a second at most, and IPv6 answers no
    /// neighbour before.
    static func waitForLink(_ run: (String) throws -> String) throws {
        let show = "ip -o link show e0"
        var seen = ""
        for _ in 0..<1_000 {
            seen = try run(show)
            if seen.contains(" state UP ") { return }
            usleep(10_000)
        }
        throw Failure(command: show, status: 0, output: "not up after 10 s: \(seen)")
    }
}
