import LinuxSystem
import MeshModel

/// The four sockets on which one workload's questions arrive: UDP and TCP on 127.0.0.1 and ::1, port 15053, in its network
/// namespace, marked so that the capture rules leave their answers alone.
struct DNSSockets: ~Copyable, Sendable {
    var datagrams: [CInt] = []
    var streams: [CInt] = []

    /// Opens them on the calling thread; a namespace without IPv6 has two.
    init(_ namespace: NetworkNamespace?, mark: UInt32?, ipv6: Bool) throws(Errno) {
        guard let namespace else {
            try open(mark: mark, ipv6: ipv6)
            return
        }
        let opened = try namespace.run { () throws(Errno) in
            var sockets = DNSSockets()
            try sockets.open(mark: mark, ipv6: ipv6)
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

    private mutating func open(mark: UInt32?, ipv6: Bool) throws(Errno) {
        try open(.loopback4(port: Ports.dns), mark: mark)
        guard ipv6 else { return }
        do throws(Errno) {
            try open(.loopback6(port: Ports.dns), mark: mark)
        } catch .addressNotAvailable {
            // IPv6 is switched off in this namespace.
        }
    }

    private mutating func open(_ address: SocketAddress, mark: UInt32?) throws(Errno) {
        let configure = { (raw: CInt) throws(Errno) in
            if let mark { try Socket.setMark(raw, mark) }
        }
        let udp = try Socket.udp(for: address)
        try Socket.setReusePort(udp.raw, true)
        try configure(udp.raw)
        try Socket.bind(udp.raw, to: address)
        let tcp = try Socket.listen(on: address, reusePort: true, configure: configure)
        datagrams.append(udp.release())
        streams.append(tcp.release())
    }
}
