import HTTPWire
import LinuxSystem
import MeshModel
import MeshTelemetry
import NodeCore
import Synchronization
import Testing

@testable import ZtunnelCore

/// Hosts on one switch, each with a data path of its own and workloads that share its address (D4). Host number n has the
/// addresses 10.98.0.n and fd98::n. What a unit is known by is the mark of its packets, as a cgroup would be.
final class TestHosts: Sendable {
    /// A workload of a host.
    struct Unit: Sendable {
        let name: String
        var account: String?
        let host: String
        var ports: Set<UInt16> = []

        var identity: SPIFFEIdentity { TestMesh.identity(account ?? name) }
    }

    private struct Host: Sendable {
        let number: Int
        let namespace: TestNamespace
        let plane: DataPlane
    }

    let log: TestLog
    private let units: [String: (index: Int, unit: Unit)]
    private let hosts: [String: Host]
    private let hub: TestNamespace
    private let state: NodeState
    private let certificates = StaticCertificates()
    private let authority: TestAuthority
    private let servers = Mutex<[TestServer]>([])

    init(
        _ label: String, _ units: [Unit], outside: [String] = [], workers: Int = 1, addsUnits: Bool = true,
        withoutCertificate: Set<String> = [], configure: (inout DataPlaneConfiguration) -> Void = { _ in }
    ) throws {
        hub = try TestNamespace.hub(label)
        authority = try TestAuthority()
        let log = try TestLog()
        let state = NodeState(snapshot: .empty, certificates: certificates)
        self.log = log
        self.state = state
        var configuration = DataPlaneConfiguration()
        configuration.workers = workers
        configure(&configuration)
        var hosts: [String: Host] = [:]
        for name in (units.map(\.host) + outside) where hosts[name] == nil {
            let number = hosts.count + 1
            let namespace = try TestNamespace(label + String(number))
            try namespace.join(hub, "m\(number)", ipv4: "10.98.0.\(number)", ipv6: "fd98::\(number)")
            // The workers' threads begin in the namespace of the thread that makes them: it is their host's.
            let plane = try namespace.inside {
                try DataPlane(configuration: configuration, state: state, logger: log.logger, sink: log.sink)
            }
            hosts[name] = Host(number: number, namespace: namespace, plane: plane)
        }
        self.hosts = hosts
        var indexed: [String: (index: Int, unit: Unit)] = [:]
        for (index, unit) in units.enumerated() { indexed[unit.name] = (index, unit) }
        self.units = indexed
        for identity in Set(units.filter { !withoutCertificate.contains($0.name) }.map(\.identity)) {
            try certificates.add(identity, from: authority)
        }
        publish()
        for name in hosts.keys { try capture(name) }
        if addsUnits { for unit in units { try add(unit.name) } }
    }

    deinit {
        for host in hosts.values {
            let done = TestSignal()
            host.plane.drain(.immediate) { done.set() }
            _ = done.wait()
            host.plane.stop()
        }
    }

    /// The rules of a host in their shortest form: outbound by mark, inbound by the ports of the units.
    private func capture(_ host: String) throws {
        let namespace = try #require(hosts[host]).namespace
        let here = units.values.filter { $0.unit.host == host }
        let ports = Set(here.flatMap(\.unit.ports)).sorted().map(String.init).joined(separator: ", ")
        let outbound = here.map {
            "meta mark \(mark($0.index)) meta l4proto tcp redirect to :\(outboundPort($0.index))"
        }
        let rules = """
            table inet test {
                chain mangle-prerouting {
                    type filter hook prerouting priority mangle;
                    meta mark and 0xfff == 0x539 ct mark set 0x111
                }
                chain mangle-output {
                    type route hook output priority mangle;
                    ct mark and 0xfff == 0x111 meta mark set 0x111
                }
                chain nat-prerouting {
                    type nat hook prerouting priority dstnat;
                    meta mark and 0xfff == 0x539 accept
                    \(ports.isEmpty ? "" : "tcp dport { \(ports), 7777 } redirect to :15006")
                }
                chain nat-output {
                    type nat hook output priority -100;
                    \(outbound.joined(separator: "\n"))
                }
            }
            """
        _ = try namespace.inside { try Command.run("(nft -f - <<'EOF'\n\(rules)\nEOF\n)") }
        for family in ["-4", "-6"] {
            try namespace.run("ip \(family) rule add fwmark 0x111/0xfff lookup 100")
            try namespace.run("ip \(family) route add local default dev lo table 100")
        }
    }

    private func mark(_ index: Int) -> UInt32 { UInt32(0x200 + index) }
    private func outboundPort(_ index: Int) -> UInt16 { UInt16(16_000 + index) }

    // MARK: Units

    func place(_ name: String, ports: Set<UInt16>? = nil) throws -> HostPlace {
        let (index, unit) = try #require(units[name])
        return HostPlace(
            outboundPort: outboundPort(index), dnsPort: UInt16(17_000 + index), ports: ports ?? unit.ports)
    }

    func add(_ name: String) throws {
        let unit = try #require(units[name]).unit
        let host = try #require(hosts[unit.host])
        let workload = LocalWorkload(
            uid: "default/\(name)", name: name, namespace: "default", serviceAccount: unit.identity.serviceAccount,
            trustDomain: "cluster.local", place: .host(try place(name)))
        try host.namespace.inside { try host.plane.add(workload) }
    }

    func update(_ name: String, ports: Set<UInt16>) throws {
        let unit = try #require(units[name]).unit
        try #require(hosts[unit.host]).plane.update("default/\(name)", ports: ports)
    }

    func remove(_ name: String, mode: StopMode = .immediate) throws {
        let unit = try #require(units[name]).unit
        let done = TestSignal()
        try #require(hosts[unit.host]).plane.remove("default/\(name)", mode: mode) { done.set() }
        #expect(done.wait())
    }

    /// Publishes the units, each port as one of a service of its own.
    func publish(
        policies: [Authorization] = [], attached: [String: [String]] = [:], mode: NetworkMode = .hostNetwork
    ) {
        var updates = policies.map(MeshUpdate.policy)
        for (_, unit) in units.values {
            let service = Service(
                name: unit.name, namespace: "default", hostname: "\(unit.name).default.svc.cluster.local",
                ports: unit.ports.map { ServicePort(port: $0, targetPort: $0) })
            updates.append(.service(service))
            updates.append(
                .workload(
                    Workload(
                        uid: "uid-\(unit.name)", name: unit.name, namespace: "default",
                        addresses: [address(unit.host), address(unit.host, ipv6: true)].compactMap { IPAddress($0) },
                        tunnelProtocol: .hbone, serviceAccount: unit.identity.serviceAccount, canonicalName: unit.name,
                        canonicalRevision: "latest", workloadName: unit.name, services: [service.key: service.ports],
                        authorizationPolicies: (attached[unit.name] ?? []).compactMap { PolicyName($0) },
                        networkMode: mode)))
        }
        var builder = SnapshotBuilder()
        state.publish(builder.apply(updates: updates))
    }

    func addCertificate(_ name: String) throws {
        try certificates.add(try #require(units[name]).unit.identity, from: authority)
    }

    // MARK: Applications

    func address(_ host: String, ipv6: Bool = false) -> String {
        let number = hosts[host]?.number ?? 0
        return ipv6 ? "fd98::\(number)" : "10.98.0.\(number)"
    }

    func inside<T>(_ host: String, _ body: () throws -> T) throws -> T {
        try #require(hosts[host]).namespace.inside(body)
    }

    @discardableResult
    func serve(on host: String, port: UInt16, _ serve: @escaping @Sendable (TestSocket) -> Void) throws -> TestServer {
        let server = try inside(host) { try TestServer(port: port, serve) }
        servers.withLock { $0.append(server) }
        return server
    }

    /// A connection of a unit, captured by its mark.
    func connect(from name: String, to host: String, port: UInt16, ipv6: Bool = false) throws -> TestSocket {
        let (index, unit) = try #require(units[name])
        return try inside(unit.host) {
            try TestSocket.connect(address(host, ipv6: ipv6), port, mark: mark(index))
        }
    }

    /// A connection of a process that is not enrolled.
    func connect(outsiderOn origin: String, toAddress address: String, port: UInt16) throws -> TestSocket {
        try inside(origin) { try TestSocket.connect(address, port) }
    }

    /// A tunnel that no ztunnel opened, with the certificate of `identity`.
    func rawTunnel(
        from origin: String, to host: String, expecting: SPIFFEIdentity, serverName: String?
    ) throws -> RawTunnel {
        try RawTunnel(
            namespace: try #require(hosts[origin]).namespace.handle(), to: address(host),
            material: try authority.material(TestMesh.identity("stranger")), expecting: expecting,
            serverName: serverName)
    }

    func listeners(on host: String, port: UInt16) throws -> Int {
        try #require(hosts[host]).namespace.run("ss -Htnl sport = :\(port)").split(separator: "\n").count
    }

    func connections(on host: String) throws -> [ConnectionSummary] {
        let answer = Mutex<[ConnectionSummary]>([])
        let done = TestSignal()
        try #require(hosts[host]).plane.connections { connections in
            answer.withLock { $0 = connections }
            done.set()
        }
        #expect(done.wait())
        return answer.withLock(\.self)
    }
}
