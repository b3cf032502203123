import Foundation
import Glibc
import LinuxNetfilter
import Testing

/// A host of its own for one test: a network namespace (10.77.0.2, fd77::2) with a neighbour (10.77.0.1, fd77::1), and the
/// unified control group hierarchy at /sys/fs/cgroup. `body` runs in it, on a thread that ends with the host.
final class TestHost {
    let neighbour: TestNamespace
    private let groups: String
    private var processes: [Int32] = []

    /// Runs `body` on a new host.
    static func run(_ label: String, _ body: @escaping @Sendable (TestHost) throws -> Void) throws {
        let neighbour = try TestNamespace(label)
        let outcome = Outcome()
        let thread = Thread {
            outcome.result = Result {
                let host = try TestHost(neighbour, label)
                defer { host.end() }
                try body(host)
            }
            outcome.done.signal()
        }
        thread.start()
        outcome.done.wait()
        try outcome.result.get()
    }

    private final class Outcome: @unchecked Sendable {
        // Written by the thread before it signals, read after.
        var result: Result<Void, any Error> = .success(())
        let done = DispatchSemaphore(value: 0)
    }

    private init(_ neighbour: TestNamespace, _ label: String) throws {
        self.neighbour = neighbour
        groups = "ztctest\(getpid())\(label).slice"
        typealias Unshare = @convention(c) (CInt) -> CInt
        let unshare = unsafeBitCast(try #require(dlsym(nil, "unshare")), to: Unshare.self)
        let newMounts: CInt = 0x0002_0000
        let newNetwork: CInt = 0x4000_0000
        try #require(unshare(newMounts | newNetwork) == 0, "needs root")
        try Command.run("mount --make-rprivate /")
        try Command.run("mount -t cgroup2 none /sys/fs/cgroup")
        try Command.run("ip link set lo up")
        try Command.run("ip link add e0 type veth peer name e0 netns \(neighbour.name)")
        try Command.run("ip addr add 10.77.0.2/24 dev e0")
        try Command.run("ip addr add fd77::2/64 dev e0 nodad")
        try Command.run("ip link set e0 up")
        try neighbour.run("ip addr add 10.77.0.1/24 dev e0")
        try neighbour.run("ip addr add fd77::1/64 dev e0 nodad")
        try neighbour.run("ip link set e0 up")
        try Command.waitForLink { try Command.run($0) }
        try Command.waitForLink { try neighbour.run($0) }
    }

    /// Makes a control group and returns its path.
    func group(_ name: String) throws -> ControlGroupPath {
        try Command.run("mkdir -p /sys/fs/cgroup/\(groups)/\(name)")
        return try #require(ControlGroupPath("\(groups)/\(name)"))
    }

    private static var tool: String {
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Tools/host-process"
    }

    private static func who(_ group: ControlGroupPath?, _ user: Int?) -> String {
        (group.map { "--group '\($0)' " } ?? "") + (user.map { "--user \($0) " } ?? "")
    }

    /// What becomes of a connection: "connected", "refused" or "dropped".
    func connect(
        _ host: String, _ port: UInt16, group: ControlGroupPath? = nil, user: Int? = nil, mark: Int? = nil
    ) throws -> String {
        let marked = mark.map { "--mark \($0) " } ?? ""
        let output = try Command.run("\(Self.tool) \(marked)\(Self.who(group, user))connect \(host) \(port)")
        return String(output.dropLast())
    }

    func ask(_ host: String, group: ControlGroupPath) throws {
        try Command.run("\(Self.tool) \(Self.who(group, nil))ask \(host)")
    }

    /// A process that listens on `ports`.
    func listen(_ ports: [UInt16], group: ControlGroupPath? = nil, user: Int? = nil) throws {
        let words = ports.map(String.init).joined(separator: " ")
        let folder = try Command.run("mktemp -d").dropLast()
        try Command.run(
            "mkfifo \(folder)/out && { \(Self.tool) \(Self.who(group, user))listen \(words) > \(folder)/out 2>/dev/null & "
                + "echo $! > \(folder)/pid; } && read said < \(folder)/out && test \"$said\" = listening")
        let text = try Command.run("cat \(folder)/pid; rm -r \(folder)")
        processes.append(try #require(Int32(text.dropLast())))
    }

    private func end() {
        for process in processes { kill(process, SIGKILL) }
        let deadline = Date(timeIntervalSinceNow: 5)
        while (try? Command.run("find /sys/fs/cgroup/\(groups) -depth -type d -exec rmdir {} \\;")) == nil,
            Date() < deadline
        {
            usleep(10_000)
        }
    }
}
