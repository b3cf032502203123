import LinuxSystem
import MeshModel

/// The four sockets on which one workload's questions arrive: UDP and TCP on 127.0.0.1 and ::1, port 15053 of its network
/// namespace or a port of its own on the host, marked so that the capture rules leave their answers alone.
struct DNSSockets: ~Copyable, Sendable {
    var datagrams: [CInt] = []
    var streams: [CInt] = []

    /// Opens them on the calling thread, through `source`; a namespace without IPv6 has two.
    init(_ workload: LocalWorkload, mark: UInt32?, ipv6: Bool, source: any ListenerSource) throws(Errno) {
        guard let namespace = workload.place.networkNamespace else {
            try open(workload, mark: mark, ipv6: ipv6, source)
            return
        }
        let opened = try namespace.run { () throws(Errno) in
            var sockets = DNSSockets()
            try sockets.open(workload, mark: mark, ipv6: ipv6, source)
            return sockets
        }
        self = opened
    }

    private init() {}

    /// Takes descriptors that `release` gave.
    init(taking raws: (datagrams: [CInt], streams: [CInt])) {
        datagrams = raws.datagrams
        streams = raws.streams
    }

    deinit {
        for raw in datagrams + streams { _ = Descriptor(taking: raw) }
    }

    /// Hands the descriptors to their watchers, which close them.
    consuming func release() -> (datagrams: [CInt], streams: [CInt]) {
        let taken = (datagrams, streams)
        datagrams = []
        streams = []
        return taken
    }

    private mutating func open(
        _ workload: LocalWorkload, mark: UInt32?, ipv6: Bool, _ source: any ListenerSource
    ) throws(Errno) {
        let port = workload.place.host?.dnsPort ?? Ports.dns
        func name(_ role: ListenerName.Role) -> ListenerName {
            ListenerName(workload: workload.uid, role: role, worker: 0)
        }
        try open(.loopback4(port: port), mark, source, name(.dnsDatagrams), name(.dnsStreams))
        guard ipv6 else { return }
        do throws(Errno) {
            try open(.loopback6(port: port), mark, source, name(.dnsDatagramsIPv6), name(.dnsStreamsIPv6))
        } catch .addressNotAvailable, .addressFamilyNotSupported {
            // IPv6 is switched off in this namespace.
        }
    }

    private mutating func open(
        _ address: SocketAddress, _ mark: UInt32?, _ source: any ListenerSource, _ datagrams: ListenerName,
        _ streams: ListenerName
    ) throws(Errno) {
        let configure = { (raw: CInt) throws(Errno) in
            if let mark { try Socket.setMark(raw, mark) }
        }
        let udp = try source.listener(datagrams) { () throws(Errno) in
            let udp = try Socket.udp(for: address)
            try Socket.setReusePort(udp.raw, true)
            try configure(udp.raw)
            try Socket.bind(udp.raw, to: address)
            return udp
        }
        let tcp = try source.listener(streams) { () throws(Errno) in
            try Socket.listen(on: address, reusePort: true, configure: configure)
        }
        self.datagrams.append(udp.release())
        self.streams.append(tcp.release())
    }
}
