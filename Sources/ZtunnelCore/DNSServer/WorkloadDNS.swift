import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// The mesh DNS of one workload: its sockets, its clients, its questions under way (Z 1.2). Confined to the DNS loop.
final class WorkloadDNS {
    /// How long questions wait for the workload's record to arrive.
    static let recordTimeout: Duration = .seconds(5)
    /// Questions that may wait for it.
    static let waitingLimit = 128
    /// TCP clients at once.
    static let connectionLimit = 64
    /// Datagrams read in one turn.
    static let datagramsPerTurn = 64

    private struct Waiting {
        let message: [UInt8]
        let transport: DNSTransport
        let deadline: MonotonicTime
        let reply: ([UInt8]?) -> Void
    }

    private let loop: EventLoop
    private let workload: LocalWorkload
    private let state: NodeState
    private let node: String?
    private let settings: DNSSettings
    private let forwarder: DNSForwarder
    private let telemetry: DNSTelemetry
    private let log: NodeLog
    private var sockets: DNSSockets?
    private var watches: [DescriptorWatch] = []
    private var listeners: [DescriptorWatch] = []
    private var connections: [ObjectIdentifier: DNSConnection] = [:]
    private var waiting: [Waiting] = []
    private var timer: TimerID?
    private var random = SystemRandomNumberGenerator()

    init(
        loop: EventLoop, workload: LocalWorkload, state: NodeState, node: String?, settings: DNSSettings,
        forwarder: DNSForwarder, telemetry: DNSTelemetry, log: NodeLog
    ) {
        self.loop = loop
        self.workload = workload
        self.state = state
        self.node = node
        self.settings = settings
        self.forwarder = forwarder
        self.telemetry = telemetry
        self.log = log
    }

    /// Takes `sockets` over; questions wait in the kernel until `listen`.
    func take(_ sockets: DNSSockets) {
        self.sockets = sockets
    }

    /// Begins to answer. Called again, it does nothing.
    func listen() {
        guard let sockets else { return }
        for socket in sockets.datagrams {
            if let made = watch(socket, { [weak self] in self?.receive($0) }) { watches.append(made) }
        }
        for socket in sockets.streams {
            if let made = watch(socket, { [weak self] in self?.accept($0) }) { listeners.append(made) }
        }
    }

    /// Takes no more questions; those that were taken are answered. `isQuiet` says when all are.
    func drain() {
        for listener in listeners { listener.close() }
        listeners = []
        for watch in watches { watch.pause() }
    }

    /// Whether nothing is under way.
    var isQuiet: Bool { forwarder.inFlight == 0 && waiting.isEmpty && connections.isEmpty }

    /// Ends everything.
    func close() {
        if let timer { loop.cancel(timer) }
        for watch in watches + listeners { watch.close() }
        watches = []
        listeners = []
        sockets = nil
        for connection in Array(connections.values) { connection.close() }
        forwarder.close()
        waiting = []
    }

    /// A new snapshot is there: the workload's record may be in it.
    func snapshotChanged() {
        guard !waiting.isEmpty, client() != nil else { return }
        let questions = waiting
        waiting = []
        for question in questions { take(question.message, question.transport, question.reply) }
    }

    /// Nil for a socket that is watched already.
    private func watch(_ socket: SocketHandover, _ body: @escaping (CInt) -> Void) -> DescriptorWatch? {
        guard let descriptor = socket.take() else { return nil }
        let raw = descriptor.raw
        do throws(Errno) {
            return try DescriptorWatch(loop: loop, descriptor, .readable) { _ in body(raw) }
        } catch {
            log(.error, "the mesh DNS of \(workload.uid) does not listen: \(error)")
            return nil
        }
    }

    private func receive(_ raw: CInt) {
        for _ in 0..<Self.datagramsPerTurn {
            do throws(Errno) {
                guard let (message, sender) = try Transfer.receiveDatagram(raw, upTo: DNSForwarder.datagramBytes) else {
                    return
                }
                take(message, .udp) { [weak self] reply in
                    guard let self, let reply, watches.contains(where: { $0.raw == raw }) else { return }
                    // A full send buffer loses the answer as any network may: the client asks again.
                    _ = try? Transfer.sendDatagram(raw, reply, to: sender)
                }
            } catch {
                // An ICMP error of an earlier answer; the socket itself goes on.
                continue
            }
        }
    }

    private func accept(_ raw: CInt) {
        for _ in 0..<Self.datagramsPerTurn {
            do throws(Errno) {
                guard let accepted = try Socket.accept(raw) else { return }
                guard connections.count < Self.connectionLimit else { continue }
                let connection = try DNSConnection(loop: loop, accepted.takeDescriptor()) {
                    [weak self] connection, message in
                    self?.take(message, .tcp) { [weak connection] in connection?.answer($0) }
                } onClosed: { [weak self] in
                    self?.connections[ObjectIdentifier($0)] = nil
                }
                connections[ObjectIdentifier(connection)] = connection
            } catch {
                return
            }
        }
    }

    private func client() -> Workload? {
        state.snapshot.workload(
            namespace: workload.namespace, name: workload.name, serviceAccount: workload.serviceAccount, node: node)
    }

    private func take(_ message: [UInt8], _ transport: DNSTransport, _ reply: @escaping ([UInt8]?) -> Void) {
        let snapshot = state.snapshot
        guard let client = client() else { return wait(message, transport, reply) }
        let now = SystemClock.unixSeconds
        switch DNSResponder.respond(
            to: message, transport: transport, client: client, snapshot: snapshot, settings: settings, random: &random)
        {
        case .ignore: reply(nil)
        case .reply(let answer, let query, let service, let addresses):
            telemetry.request(query, transport, client, now: now)
            if let query {
                log(
                    .debug,
                    "\(workload.uid) asked \(query.type) \(query.name): \(service?.hostname ?? "-") \(addresses.count) addresses"
                )
            }
            reply(answer)
        case .forward(let query):
            telemetry.request(query, transport, client, now: now)
            telemetry.upstream(query, transport, client, now: now)
            let begun = loop.now
            forwarder.forward(message, overTCP: transport == .tcp) { [weak self] result in
                guard let self else { return }
                let seconds = (loop.now - begun) / .seconds(1)
                switch result {
                case .success(let answer):
                    telemetry.upstreamEnded(query, transport, client, seconds: seconds, now: SystemClock.unixSeconds)
                    reply(transport == .udp ? DNSResponder.fit(answer, to: message) : answer)
                case .failure(let failure):
                    telemetry.upstreamEnded(query, transport, client, seconds: nil, now: SystemClock.unixSeconds)
                    log(.debug, "\(workload.uid) asked \(query.type) \(query.name): no answer (\(failure))")
                    reply(DNSResponder.failure(of: message, .serverFailure))
                }
            }
        }
    }

    private func wait(_ message: [UInt8], _ transport: DNSTransport, _ reply: @escaping ([UInt8]?) -> Void) {
        guard waiting.count < Self.waitingLimit else { return reply(DNSResponder.failure(of: message, .serverFailure)) }
        waiting.append(
            Waiting(message: message, transport: transport, deadline: loop.now + Self.recordTimeout, reply: reply))
        if timer == nil { arm() }
    }

    private func arm() {
        guard let first = waiting.first else { return }
        timer = loop.schedule(at: first.deadline) { [weak self] in
            guard let self else { return }
            timer = nil
            while let first = waiting.first, first.deadline <= loop.now {
                waiting.removeFirst()
                first.reply(DNSResponder.failure(of: first.message, .serverFailure))
            }
            arm()
        }
    }
}
