import Glibc
import HTTPWire
import LinuxNetfilter
import LinuxSystem
import MeshModel
import MeshTelemetry
import NodeCore
import Synchronization
import Testing

@testable import ZtunnelCore

/// A small mesh in network namespaces on one switch: enrolled workloads, served by one data path of this process, and
/// outsiders that no one captures. Member number n has the addresses 10.99.0.n and fd99::n.
final class TestMesh: Sendable {
    private struct Member: Sendable {
        let number: Int
        let namespace: TestNamespace
        let isEnrolled: Bool
    }

    let log: TestLog
    let plane: DataPlane
    private let state: NodeState
    private let certificates: StaticCertificates
    private let authority: TestAuthority
    private let hub: TestNamespace
    private let servers = Mutex<[TestServer]>([])
    private let members: [String: Member]

    init(
        _ label: String, enrolled: [String], outside: [String] = [], withoutCertificate: Set<String> = [],
        workers: Int = 1,
        configure: (inout DataPlaneConfiguration) -> Void = { _ in }
    ) throws {
        hub = try TestNamespace.hub(label)
        var members: [String: Member] = [:]
        for (index, name) in (enrolled + outside).enumerated() {
            let namespace = try TestNamespace(label + String(index))
            try namespace.join(hub, "m\(index)", ipv4: "10.99.0.\(index + 1)", ipv6: "fd99::\(index + 1)")
            members[name] = Member(number: index + 1, namespace: namespace, isEnrolled: enrolled.contains(name))
        }
        self.members = members
        authority = try TestAuthority()
        certificates = StaticCertificates()
        for name in enrolled where !withoutCertificate.contains(name) {
            try certificates.add(Self.identity(name), from: authority)
        }
        log = try TestLog()
        var configuration = DataPlaneConfiguration()
        configuration.workers = workers
        configure(&configuration)
        state = NodeState(snapshot: .empty, certificates: certificates)
        plane = try DataPlane(
            configuration: configuration, state: state, logger: log.logger, sink: log.sink)
        publish()
        for name in enrolled {
            try members[name]?.namespace.inside { try WorkloadCapture(dns: false).apply() }
            try add(name)
        }
    }

    /// Serves a member, whose capture is there.
    func add(_ name: String) throws {
        try plane.add(
            LocalWorkload(
                uid: name, name: name, namespace: "default", serviceAccount: name, trustDomain: "cluster.local",
                place: .namespace(try #require(members[name]).namespace.handle()), inheritsMarks: true))
    }

    /// The sum over all series of a metric whose line has `label`.
    func metric(_ name: String, _ label: String) -> Int {
        let page = Mutex("")
        let done = TestSignal()
        plane.metrics { snapshots in
            page.withLock { $0 = MetricsPage.render(snapshots, format: .openMetrics) }
            done.set()
        }
        #expect(done.wait())
        return page.withLock(\.self).split(separator: "\n").filter { $0.hasPrefix(name + "{") && $0.contains(label) }
            .reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
    }

    deinit {
        let done = TestSignal()
        plane.drain(.immediate) { done.set() }
        _ = done.wait()
        plane.stop()
    }

    static func identity(_ name: String) -> SPIFFEIdentity {
        SPIFFEIdentity(trustDomain: "cluster.local", namespace: "default", serviceAccount: name)
    }

    func address(_ name: String, ipv6: Bool = false) -> String {
        let number = members[name]?.number ?? 0
        return ipv6 ? "fd99::\(number)" : "10.99.0.\(number)"
    }

    // MARK: Applications

    @discardableResult
    func serve(_ name: String, port: UInt16, _ serve: @escaping @Sendable (TestSocket) -> Void) throws -> TestServer {
        let server = try inside(name) { try TestServer(port: port, serve) }
        servers.withLock { $0.append(server) }
        return server
    }

    func connect(from: String, to: String, port: UInt16, ipv6: Bool = false) throws -> TestSocket {
        try connect(from: from, toAddress: address(to, ipv6: ipv6), port: port)
    }

    func connect(from: String, toAddress host: String, port: UInt16) throws -> TestSocket {
        try inside(from) { try TestSocket.connect(host, port) }
    }

    /// Runs a command in a member's network namespace.
    func run(on name: String, _ command: String) throws { try #require(members[name]).namespace.run(command) }

    /// What a command in a member's network namespace prints.
    func listing(on name: String, _ command: String) throws -> String {
        try #require(members[name]).namespace.run(command)
    }

    /// The name of a member's network namespace.
    func namespace(_ name: String) throws -> String { try #require(members[name]).namespace.name }

    func inside<T>(_ name: String, _ body: () throws -> T) throws -> T {
        try #require(members[name]).namespace.inside(body)
    }

    /// Connections to 15008 that stand in a member's namespace.
    func establishedTunnels(at name: String) throws -> Int {
        let listing = try #require(members[name]).namespace.run("ss -Htn state established sport = :15008")
        return listing.split(separator: "\n").count
    }

    /// A tunnel that no ztunnel opened, from an outsider, with a certificate of its own.
    func rawTunnel(
        from: String, to: String, identity: SPIFFEIdentity? = nil, authority: TestAuthority? = nil
    ) throws -> RawTunnel {
        let material = try (authority ?? self.authority).material(identity ?? Self.identity(from))
        return try RawTunnel(
            namespace: try #require(members[from]).namespace.handle(), to: address(to), material: material,
            expecting: Self.identity(to))
    }

    // MARK: The control side

    func addCertificate(_ name: String) throws { try certificates.add(Self.identity(name), from: authority) }

    func failCertificate(_ name: String, _ reason: String) { certificates.fail(Self.identity(name), reason) }

    /// Publishes that the certificates of these members are revoked, and no others.
    func revoke(_ names: [String]) {
        let serials = names.compactMap { certificates.serial(of: Self.identity($0)) }
        state.publish(revoked: RevokedCertificates([(node: "host-x", serials: serials)]))
    }

    /// Publishes the enrolled workloads with these policies and services.
    func publish(
        policies: [Authorization] = [], attached: [String: [String]] = [:], services: [TestService] = [],
        without missing: Set<String> = [], applicationTunnels: [String: ApplicationTunnel] = [:]
    ) {
        let workloads = members.compactMap { name, member -> Workload? in
            guard member.isEnrolled, !missing.contains(name) else { return nil }
            var ports: [ServiceName: [ServicePort]] = [:]
            for service in services where service.endpoints.contains(name) {
                ports[service.service.key] = [ServicePort(port: 80, targetPort: 8080)]
            }
            return Workload(
                uid: "uid-\(name)", name: name, namespace: "default",
                addresses: [address(name), address(name, ipv6: true)].compactMap { IPAddress($0) },
                tunnelProtocol: .hbone, serviceAccount: name, canonicalName: name, canonicalRevision: "latest",
                workloadName: name, applicationTunnel: applicationTunnels[name], services: ports,
                authorizationPolicies: (attached[name] ?? []).compactMap { PolicyName($0) })
        }
        var builder = SnapshotBuilder()
        state.publish(
            builder.apply(
                updates: workloads.map(MeshUpdate.workload) + services.map { .service($0.service) }
                    + policies.map(MeshUpdate.policy)))
    }

    func service(_ name: String, vip: String, endpoints: [String]) -> TestService {
        let address = IPAddress(vip).map { NetworkAddress(network: "", ip: $0) }
        return TestService(
            service: Service(
                name: name, namespace: "default", hostname: "\(name).default.svc.cluster.local",
                addresses: address.map { [$0] } ?? [], ports: [ServicePort(port: 80, targetPort: 8080)]),
            endpoints: endpoints)
    }

    func remove(_ name: String, mode: StopMode) {
        #expect(removal(name, mode: mode).wait())
    }

    /// Begins to remove; the signal is its end.
    func removal(_ name: String, mode: StopMode) -> TestSignal {
        let done = TestSignal()
        plane.remove(name, mode: mode) { done.set() }
        return done
    }

    func drain(_ mode: StopMode) -> TestSignal {
        let done = TestSignal()
        plane.drain(mode) { done.set() }
        return done
    }

    /// The heap that each live connection's own record takes.
    func recordSizes() -> [Int] {
        // Glibc's module leaves malloc_usable_size(3) out.
        typealias UsableSize = @convention(c) (UnsafeMutableRawPointer) -> Int
        guard let symbol = dlsym(nil, "malloc_usable_size") else { return [] }
        let usableSize = unsafeBitCast(symbol, to: UsableSize.self)
        let answer = Mutex<[Int]>([])
        let done = TestSignal()
        plane.gather({ worker in
            worker.connections.map { usableSize(Unmanaged.passUnretained($0).toOpaque()) }
        }) { sizes in
            answer.withLock { $0 = sizes.flatMap(\.self) }
            done.set()
        }
        #expect(done.wait())
        return answer.withLock(\.self)
    }

    /// Connections of which both ends stand.
    var established: Int {
        let answer = Mutex(0)
        let done = TestSignal()
        plane.gather({ worker in
            worker.connections.count { if case .relaying = $0.activity { true } else { false } }
        }) { counts in
            answer.withLock { $0 = counts.reduce(0, +) }
            done.set()
        }
        #expect(done.wait())
        return answer.withLock(\.self)
    }

    func connections() -> [ConnectionSummary] {
        let answer = Mutex<[ConnectionSummary]>([])
        let done = TestSignal()
        plane.connections { connections in
            answer.withLock { $0 = connections }
            done.set()
        }
        #expect(done.wait())
        return answer.withLock(\.self)
    }
}
