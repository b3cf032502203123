import LinuxSystem
package import NodeCore

/// The generation that is to be replaced, as the new one was told of it.
package struct Predecessor: Sendable {
    /// A workload that it serves.
    struct Workload: Sendable {
        let uid: String
        let hasCertificate: Bool
    }

    /// The connection to it.
    let channel: SocketHandover
    /// Its listening sockets.
    let sockets: [SocketName: SocketHandover]
    /// The connections to older generations that still drain.
    let generations: [SocketHandover]
    /// What it serves.
    let workloads: [Workload]
    /// What is not on the disk.
    let inheritance: UpgradeInheritance

    /// Asks the ztunnel that listens at `path` for its listening sockets. Blocks for at most `timeout`; called before any
    /// loop runs.
    package static func ask(
        at path: String, _ hello: UpgradeHello, timeout: Duration, clock: () -> Duration
    ) throws(StartFailure) -> Predecessor {
        let answer: Result<Predecessor, StartFailure>
        do throws(Errno) {
            let socket = try UnixSocket.connect(to: path, .sequencedPackets)
            _ = try UnixSocket.send(socket.raw, UpgradeMessage.hello(hello).bytes)
            answer = try receive(socket, deadline: clock() + timeout, clock: clock)
        } catch .noSuchFile {
            throw StartFailure("no ztunnel runs here: nothing listens at \(path)")
        } catch {
            throw StartFailure("the running ztunnel cannot be asked at \(path): \(error)")
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
                return .failure(StartFailure("the running ztunnel did not hand its sockets over in time"))
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
                return .failure(StartFailure("the running ztunnel goes on: \(reason)"))
            default:
                return .failure(StartFailure("the running ztunnel ended, or sent what cannot be read"))
            }
        }
    }
}
