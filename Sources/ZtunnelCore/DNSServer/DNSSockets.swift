import LinuxSystem
import MeshModel
import NodeCore

/// The four sockets on which one workload's questions arrive: UDP and TCP on 127.0.0.1 and ::1, port 15053 of its network
/// namespace or a port of its own on the host, marked so that the capture rules leave their answers alone.
struct DNSSockets: Sendable {
    private(set) var datagrams: [SocketHandover] = []
    private(set) var streams: [SocketHandover] = []

    /// Takes them from `store`, which opens those that are missing on the calling thread; a namespace without IPv6 has two.
    init(_ workload: LocalWorkload, mark: UInt32?, ipv6: Bool, from store: SocketStore) throws(Errno) {
        let port = workload.place.host?.dnsPort ?? Ports.dns
        let namespace = workload.place.networkNamespace
        try open(.loopback4(port: port), namespace, mark, store)
        guard ipv6 else { return }
        do throws(Errno) {
            try open(.loopback6(port: port), namespace, mark, store)
        } catch .addressNotAvailable, .addressFamilyNotSupported {
            // IPv6 is switched off in this namespace.
        }
    }

    private mutating func open(
        _ address: SocketAddress, _ namespace: NetworkNamespace?, _ mark: UInt32?, _ store: SocketStore
    ) throws(Errno) {
        guard let inode = (namespace?.identity ?? NetworkNamespace.own)?.inode else { throw .noSuchFile }
        let configure = { (raw: CInt) throws(Errno) in
            if let mark { try Socket.setMark(raw, mark) }
        }
        for transport in [SocketName.Transport.udp, .tcp] {
            let make = { () throws(Errno) -> Descriptor in
                guard transport == .udp else { return try Socket.listen(on: address, configure: configure) }
                let socket = try Socket.udp(for: address)
                try configure(socket.raw)
                try Socket.bind(socket.raw, to: address)
                return socket
            }
            let socket = try store.socket(.ip(namespace: inode, transport, address)) { () throws(Errno) in
                if let namespace { try namespace.run(make) } else { try make() }
            }
            // Again for a socket that another process made, with other settings.
            try configure(socket.raw)
            if transport == .udp { datagrams.append(socket.handOver()) } else { streams.append(socket.handOver()) }
        }
    }
}
