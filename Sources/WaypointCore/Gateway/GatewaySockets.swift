import LinuxSystem
import MeshModel
import MeshPolicy
import MeshRuntime
import MeshTelemetry
import NodeCore

/// The listening sockets of a gateway, opened and closed as its Gateways come and go. A port that cannot be opened is said and tried
/// again, and costs the others nothing. Confined to the control loop.
final class GatewaySockets {
    /// How often a port is tried again that could not be opened.
    private static let retryInterval: Duration = .seconds(2)

    private let loop: EventLoop
    private let store: SocketStore
    private let ipv6: Bool
    private let log: NodeLog
    /// How the doors of each worker are changed.
    private let workers: () -> [Change]
    private var wanted: Set<GatewayPort.Address> = []
    private var open: [GatewayPort.Address: SocketLease] = [:]
    private var failures: [GatewayPort.Address: Errno] = [:]
    private var retry: TimerID?
    /// Whether ports were asked for.
    private(set) var isServing = false

    /// Does something with one worker's doors, on its loop.
    typealias Change = (@escaping @Sendable (GatewayDoors) -> Void) -> Void

    init(loop: EventLoop, store: SocketStore, ipv6: Bool, log: NodeLog, workers: @escaping () -> [Change]) {
        self.loop = loop
        self.store = store
        self.ipv6 = ipv6
        self.log = log
        self.workers = workers
    }

    /// Has these ports open, and no others.
    func serve(_ addresses: Set<GatewayPort.Address>) {
        isServing = true
        wanted = addresses
        failures = failures.filter { addresses.contains($0.key) }
        for address in open.keys where !addresses.contains(address) {
            log(.info, "\(address) is closed: no Gateway opens it any more")
            open[address] = nil
            for change in workers() { change { $0.close(address) } }
        }
        openMissing()
    }

    /// Closes all ports; connections that were accepted go on.
    func close() { serve([]) }

    /// The ports for a person, with those that could not be opened.
    var summary: String {
        let fine = open.keys.map { "\($0.number)" }.sorted()
        let bad = failures.keys.map { "\($0.number) (cannot be opened)" }.sorted()
        return fine.isEmpty && bad.isEmpty ? "none" : (fine + bad).joined(separator: ", ")
    }

    /// The ports that could not be opened, each with the reason, for a person.
    var problems: [String] {
        failures.sorted { $0.key.number < $1.key.number }.map { "\($0.key) cannot be opened: \($0.value)" }
    }

    private func openMissing() {
        for address in wanted.sorted(by: { $0.number < $1.number }) where open[address] == nil {
            do throws(Errno) {
                try listen(address)
                failures[address] = nil
                log(.info, "\(address) is open")
            } catch {
                if failures[address] != error {
                    log(
                        .error,
                        "\(address) cannot be opened: \(error); it is tried again every \(DurationText.text(Self.retryInterval))"
                    )
                }
                failures[address] = error
            }
        }
        guard !failures.isEmpty, retry == nil else { return }
        retry = loop.schedule(after: Self.retryInterval) { [weak self] in
            self?.retry = nil
            self?.openMissing()
        }
    }

    private func listen(_ address: GatewayPort.Address) throws(Errno) {
        if let bind = address.bind { return try listen(address, SocketAddress(bind, port: address.number)) }
        guard ipv6 else { return try listen(address, .any4(port: address.number)) }
        do throws(Errno) {
            try listen(address, .any6(port: address.number))
        } catch {
            // A host without IPv6.
            try listen(address, .any4(port: address.number))
        }
    }

    private func listen(_ address: GatewayPort.Address, _ place: SocketAddress) throws(Errno) {
        guard let inode = NetworkNamespace.own?.inode else { throw .noSuchFile }
        let socket = try store.socket(.ip(namespace: inode, .tcp, place)) { () throws(Errno) in
            try Socket.listen(on: place) { raw throws(Errno) in
                if !place.isIPv4 { try Socket.setV6Only(raw, false) }
            }
        }
        let lease = socket.lease
        let shared = socket.takeDescriptor()
        for change in workers() {
            let copy = SocketHandover(try shared.duplicate())
            change { $0.open(address, copy) }
        }
        open[address] = lease
    }
}
