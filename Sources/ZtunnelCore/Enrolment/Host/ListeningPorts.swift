import LinuxNetfilter
import MeshModel

/// Which of a host's listening sockets are a workload's.
enum ListeningPorts {
    /// The ports of the sockets that `isOwn` says are the workload's, by number. Sockets of ztunnel are nobody's.
    static func of(_ sockets: [ListeningSocket], isOwn: (ListeningSocket) -> Bool) -> [HostFacts.Listening] {
        var onlyLoopback: [UInt16: Bool] = [:]
        for socket in sockets
        where socket.mark & 0xfff != PacketMarks.proxy && !isReserved(socket.port) && isOwn(socket) {
            onlyLoopback[socket.port] = (onlyLoopback[socket.port] ?? true) && socket.isLoopback
        }
        return onlyLoopback.map { HostFacts.Listening(port: $0, isLoopback: $1) }.sorted()
    }

    /// Ports that ztunnel itself uses.
    static func isReserved(_ port: UInt16) -> Bool {
        [
            Ports.outbound, Ports.inboundPlaintext, Ports.hbone, Ports.dns, Ports.admin, Ports.metrics, Ports.readiness,
        ].contains(port) || HostCapture.ports.contains(port)
    }
}
