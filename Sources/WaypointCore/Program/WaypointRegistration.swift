import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore
import SwiftProtobuf

/// Keeps this process an endpoint of its Service for as long as it runs: the control plane has a WorkloadEntry of it, and takes it
/// away when the waypoint leaves (docs/design/node-registration.md). Confined to the control loop.
final class WaypointRegistration {
    private let loop: EventLoop
    private let resolver: HostResolver
    private let server: ControlPlaneServer
    private let configured: [IPAddress]
    private let log: NodeLog
    private let sender: WorkloadReporter
    private let facts: WaypointFacts

    /// Reports the waypoint that `report` describes at each moment, given its addresses and whether it leaves.
    init(
        loop: EventLoop, resolver: HostResolver, connections: ControlPlaneConnections, server: ControlPlaneServer,
        configured: [IPAddress], log: NodeLog, report: @escaping ([IPAddress], Bool) -> WaypointReport
    ) {
        self.loop = loop
        self.resolver = resolver
        self.server = server
        self.configured = configured
        self.log = log
        let facts = WaypointFacts()
        facts.addresses = configured
        self.facts = facts
        sender = WorkloadReporter(
            loop: loop, client: connections.client(server), method: WaypointReport.method,
            headers: connections.headers(server),
            message: { try report(facts.addresses, facts.isLeaving).message.serializedBytes() }, log: log)
    }

    /// What it knows at the moment of a report.
    private final class WaypointFacts {
        var addresses: [IPAddress] = []
        var isLeaving = false
    }

    /// Why it is no endpoint, in words for an administrator; nil where nothing is known to be wrong.
    var problem: String? { addressProblem ?? sender.refusals.values.first }
    private var addressProblem: String?

    /// Reports soon: something has changed, or the control plane is there again.
    func update() {
        guard configured.isEmpty else { return sender.report() }
        resolver.resolve(server.address.host, port: server.address.port, on: loop) { [weak self] result in
            self?.found(result)
        }
    }

    /// The host's address is the one that its packets to the control plane have.
    private func found(_ result: Result<[SocketAddress], HostResolver.Failure>) {
        let remedy = "set AMBIT_HOST_ADDRESSES to the addresses at which other hosts reach this one"
        do {
            guard let remote = try result.get().first else { return }
            let socket = try Socket.udp(for: remote)
            _ = try Socket.connect(socket.raw, to: remote)
            let own = IPAddress(try Socket.localAddress(socket.raw))
            facts.addresses = [own]
            addressProblem =
                own.isLoopback
                ? "the control plane \(server.address.host) is this very host, by an address that no other one can reach; \(remedy)"
                : nil
        } catch {
            // A name that cannot be looked up now leaves what was found before.
            guard facts.addresses.isEmpty else { return sender.report() }
            addressProblem = "no address of this host is known (\(error)); \(remedy)"
        }
        if let addressProblem {
            log(.error, addressProblem)
        } else {
            sender.report()
        }
    }

    /// Is an endpoint no longer; `completion` is called when the control plane has taken that, or at `deadline`.
    func leave(deadline: Duration, then completion: @escaping () -> Void) {
        facts.isLeaving = true
        var pending: (() -> Void)? = completion
        func finish() {
            pending?()
            pending = nil
            sender.stop()
        }
        sender.report { _ in finish() }
        loop.schedule(after: deadline) { finish() }
    }

    /// Reports no more, and stays an endpoint: another process follows.
    func stop() { sender.stop() }
}
