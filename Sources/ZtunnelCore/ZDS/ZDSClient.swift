import Glibc
import LinuxSystem
package import MeshRuntime
import MeshTelemetry
package import NodeCore

/// Takes enrolments from the node agent over Istio's ZDS (Z 6.2): connects to the agent's socket, says hello, does what
/// the agent asks and acknowledges it, one request at a time.
///
/// Confined to the control loop. Whatever the agent does wrong ends the connection, never the program, and never what is
/// served: the connection is made again, with increasing waits.
package final class ZDSClient {
    /// The first wait before another connection, and the longest.
    package static let firstRetry: Duration = .milliseconds(20)
    package static let longestRetry: Duration = .seconds(15)

    /// One connection. Edge-triggered: while a request is worked on, the next one waits in the socket.
    private final class Connection {
        var watch: DescriptorWatch?
        var session = ZDSSession()
        var isWorking = false
    }

    private enum State {
        case stopped
        case waiting
        case connected(Connection)
    }

    private let loop: EventLoop
    private let path: String
    private let workloads: ZDSWorkloads
    private let log: NodeLog
    private var state = State.stopped
    private var timer: TimerID?
    private var backoff = Backoff(first: firstRetry, limit: longestRetry)
    private var random = SystemRandomNumberGenerator()
    private var lastTrouble = ""
    private var disconnections: UInt64 = 0
    private var violations: UInt64 = 0
    private var refusals: UInt64 = 0

    /// Called when the agent has sent its snapshot, and when its connection is lost.
    package var onChange: () -> Void = {}

    /// A client of the agent that listens at `path`; nothing happens until `start`.
    package init(loop: EventLoop, path: String, workloads: ZDSWorkloads, log: NodeLog) {
        self.loop = loop
        self.path = path
        self.workloads = workloads
        self.log = log
    }

    /// Connects, and goes on connecting.
    package func start() {
        guard case .stopped = state else { return }
        state = .waiting
        workloads.start()
        connect()
    }

    /// Ends the connection for good. What is served is left to the data path's drain.
    package func stop() {
        if case .connected(let connection) = state { connection.watch?.close() }
        if let timer { loop.cancel(timer) }
        timer = nil
        state = .stopped
        workloads.stop()
    }

    /// Whether the agent is connected and has named its workloads, and all of them are served.
    package var isReady: Bool { isSynchronised && workloads.pendingCount == 0 }

    private var isSynchronised: Bool {
        if case .connected(let connection) = state { connection.session.hasSnapshot } else { false }
    }

    /// What the metrics page shows.
    package var counters: ZDSCounters {
        var counters = ZDSCounters()
        counters.isSynchronised = isSynchronised
        counters.served = workloads.servedCount
        counters.pending = workloads.pendingCount
        counters.started = workloads.started
        counters.stopped = workloads.stopped
        counters.disconnections = disconnections
        counters.violations = violations
        counters.refusals = refusals
        return counters
    }

    // MARK: connection

    private func connect() {
        guard case .waiting = state else { return }
        do throws(Errno) {
            let socket = try UnixSocket.connect(to: path, .sequencedPackets)
            let agent = try UnixSocket.peerCredentials(socket.raw)
            // The agent says who a workload is: in a directory that others can write, anybody could listen in its place.
            guard agent.user == 0 || agent.user == geteuid() else {
                return retry(
                    "the process \(agent.process) that listens there runs as user \(agent.user), not as root; move "
                        + "the socket to a directory that only root can write and set INPOD_UDS")
            }
            guard case .bytes = try UnixSocket.send(socket.raw, ZDSReply.hello) else {
                return retry("it does not take the first packet")
            }
            let connection = Connection()
            connection.watch = try DescriptorWatch(
                loop: loop, socket, [.readable, .peerClosed, .edgeTriggered]
            ) { [weak self, weak connection] _ in
                guard let self, let connection else { return }
                receive(connection)
            }
            state = .connected(connection)
            workloads.forgetPending()
            log(.info, "connected to the node agent at \(path) (process \(agent.process))")
        } catch {
            retry("\(error)")
        }
    }

    private func lost(_ connection: Connection, _ reason: String) {
        guard case .connected(let current) = state, current === connection else { return }
        connection.watch?.close()
        state = .waiting
        retry(reason)
        onChange()
    }

    private func retry(_ reason: String) {
        disconnections &+= 1
        let wait = backoff.next(random: &random)
        let trouble = "no connection with the node agent at \(path): \(reason)"
        // An agent that is away for an hour is one line.
        log(lastTrouble == trouble ? .debug : .warn, "\(trouble); what is served stays served")
        lastTrouble = trouble
        timer = loop.schedule(after: wait) { [weak self] in
            self?.timer = nil
            self?.connect()
        }
    }

    // MARK: requests

    private func receive(_ connection: Connection) {
        while !connection.isWorking, let raw = connection.watch?.raw {
            do throws(Errno) {
                guard let message = try UnixSocket.receive(raw, upTo: ZDSRequest.packetLimit) else { return }
                // A packet of no bytes is the end, too: nothing that the agent sends is empty.
                guard !message.bytes.isEmpty else { return lost(connection, "the agent closed the connection") }
                let bytes = message.bytes
                let count = message.descriptorCount
                take(bytes, count, message.takeDescriptor(), connection)
            } catch .messageTooLong {
                violate(
                    connection, "a packet of more than \(ZDSRequest.packetLimit) bytes, or with too many descriptors")
            } catch {
                lost(connection, "\(error)")
            }
        }
    }

    private func take(
        _ packet: [UInt8], _ count: Int, _ descriptor: consuming Descriptor?, _ connection: Connection
    ) {
        let step: ZDSSession.Step
        do throws(ZDSProblem) {
            let request = try ZDSRequest(packet: packet, descriptors: count)
            step = try connection.session.take(request)
        } catch {
            switch error {
            case .protocolViolation(let reason): return violate(connection, reason)
            case .refused: return answer(connection, error)
            }
        }
        connection.isWorking = true
        let done: ZDSWorkloads.Completion = { [weak self, weak connection] problem in
            guard let self, let connection else { return }
            connection.isWorking = false
            if problem == nil, case .stopAllBut = step { synchronised() }
            answer(connection, problem)
            // Not from within: a long row of quick requests would nest.
            loop.schedule(after: .zero) { [weak self] in self?.receive(connection) }
        }
        switch step {
        case .serve(let uid, let reference):
            // Present: the request was checked to come with exactly one.
            guard let descriptor = consume descriptor else {
                return done(.refused("the descriptor of \(uid) is missing"))
            }
            guard let namespace = Self.namespace(descriptor) else {
                return done(.refused("the descriptor of \(uid) is not of a network namespace"))
            }
            workloads.serve(uid, reference, in: namespace, completion: done)
        case .keep(let uid): workloads.keep(uid, completion: done)
        case .stop(let uid): workloads.remove(uid, completion: done)
        case .stopAllBut(let uids): workloads.retain(uids, completion: done)
        }
    }

    private static func namespace(_ descriptor: consuming Descriptor) -> NetworkNamespace? {
        do throws(Errno) {
            return try NetworkNamespace(descriptor)
        } catch {
            return nil
        }
    }

    private func synchronised() {
        backoff.reset()
        lastTrouble = ""
        log(
            .info,
            "the node agent has named its workloads: \(workloads.servedCount) served, \(workloads.pendingCount) not")
        onChange()
    }

    private func answer(_ connection: Connection, _ problem: ZDSProblem?) {
        if let problem {
            refusals &+= 1
            log(.debug, "a request of the node agent is refused: \(problem)")
        }
        send(connection, ZDSReply.acknowledgement(problem?.description))
    }

    /// The answer goes first: it is what the agent's log will show.
    private func violate(_ connection: Connection, _ reason: String) {
        violations &+= 1
        send(connection, ZDSReply.acknowledgement(reason))
        lost(connection, "the agent breaks the protocol: \(reason)")
    }

    private func send(_ connection: Connection, _ packet: [UInt8]) {
        guard let raw = connection.watch?.raw else { return }
        do throws(Errno) {
            guard case .bytes = try UnixSocket.send(raw, packet) else {
                return lost(connection, "the agent does not read the answers")
            }
        } catch {
            lost(connection, "\(error)")
        }
    }
}
