import LinuxSystem

/// The generation that is to be replaced, as the new one was told of it.
package struct Predecessor: Sendable {
    /// A workload that it serves.
    package struct Workload: Sendable {
        package let uid: String
        package let hasCertificate: Bool
    }

    /// The connection to it.
    package let channel: SocketHandover
    /// Its listening sockets.
    package let sockets: [SocketName: SocketHandover]
    /// The connections to older generations that still drain.
    package let generations: [SocketHandover]
    /// What it serves.
    package let workloads: [Workload]
    /// What is not on the disk.
    package let inheritance: UpgradeInheritance

    /// Asks the process that listens at `path` for its listening sockets. Blocks for at most `timeout`; called before any
    /// loop runs.
    package static func ask(
        at path: String, _ hello: UpgradeHello, timeout: Duration,
        clock: () -> Duration = { .nanoseconds(Int64(clamping: SystemClock.monotonicNanoseconds)) }
    ) throws(StartFailure) -> Predecessor {
        let answer: Result<Predecessor, StartFailure>
        do throws(Errno) {
            let socket = try UnixSocket.connect(to: path, .sequencedPackets)
            _ = try UnixSocket.send(socket.raw, UpgradeMessage.hello(hello).bytes)
            answer = try receive(socket, deadline: clock() + timeout, clock: clock)
        } catch .noSuchFile {
            throw StartFailure("no process runs here: nothing listens at \(path)")
        } catch {
            throw StartFailure("the running process cannot be asked at \(path): \(error)")
        }
        return try answer.get()
    }

    private static func receive(
        _ socket: consuming Descriptor, deadline: Duration, clock: () -> Duration
    ) throws(Errno) -> Result<Predecessor, StartFailure> {
        var sockets: [SocketName: SocketHandover] = [:]
        var generations: [SocketHandover] = []
        var workloads: [Workload] = []
        while true {
            guard try socket.waitReadable(deadline - clock()) else {
                return .failure(StartFailure("the running process did not hand its sockets over in time"))
            }
            guard let packet = try UnixSocket.receive(socket.raw, upTo: UpgradeMessage.byteLimit) else { continue }
            let message = UpgradeMessage(packet.bytes)
            let passed = SocketHandover(packet.takeDescriptor())
            switch (message, passed) {
            case (.socket(let name), let passed?): sockets[name] = passed
            case (.generation, let passed?): generations.append(passed)
            case (.workload(let uid, let hasCertificate), nil):
                workloads.append(Workload(uid: uid, hasCertificate: hasCertificate))
            case (.complete(let inheritance), nil):
                return .success(
                    Predecessor(
                        channel: SocketHandover(socket), sockets: sockets, generations: generations,
                        workloads: workloads, inheritance: inheritance))
            case (.refused(let reason), nil):
                return .failure(StartFailure("the running process goes on: \(reason)"))
            default:
                return .failure(StartFailure("the running process ended, or sent what cannot be read"))
            }
        }
    }
}
