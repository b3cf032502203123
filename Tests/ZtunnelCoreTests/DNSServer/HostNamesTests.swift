import LinuxSystem
import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// The mesh DNS of workloads that share a host's network namespace (D4): each has a port, and with it a view, of its own.
@Suite(.serialized, .timeLimit(.minutes(1))) struct HostNamesTests {
    private static func service(in namespace: String, _ address: String) -> MeshUpdate {
        .service(
            Service(
                name: "db", namespace: namespace, hostname: "db.\(namespace).svc.cluster.local",
                addresses: [Mesh.vip(address)], ports: Mesh.ports(5432, 5432)))
    }

    private static func workload(in namespace: String) -> MeshUpdate {
        .workload(
            Workload(
                uid: "uid-\(namespace)", name: "client", namespace: namespace, addresses: [Mesh.ip("10.0.0.1")],
                serviceAccount: "client", networkMode: .hostNetwork))
    }

    private static func local(in namespace: String, dnsPort: UInt16) -> LocalWorkload {
        LocalWorkload(
            uid: "\(namespace)/client", name: "client", namespace: namespace, serviceAccount: "client",
            trustDomain: "cluster.local",
            place: .host(HostPlace(outboundPort: dnsPort - 1_000, dnsPort: dnsPort, ports: [])))
    }

    /// Asks for "db" in a datagram, in the calling thread's network namespace.
    private static func ask(_ server: SocketAddress) throws -> [UInt8] {
        let socket = try Socket.udp(for: server)
        _ = try Socket.connect(socket.raw, to: server)
        _ = try Transfer.send(socket.raw, Packet.query("db"))
        var answer: [UInt8]?
        _ = Eventually.holds {
            answer = (try? Transfer.receive(socket.raw, upTo: 1_500)) ?? nil
            return answer != nil
        }
        return answer ?? []
    }

    @Test func eachWorkloadIsAnsweredAtItsOwnPort() throws {
        let namespace = try TestNamespace("dnshost")
        let log = try TestLog()
        let state = NodeState(
            snapshot: Mesh.snapshot(
                Self.service(in: "one", "240.0.0.1"), Self.service(in: "two", "240.0.0.2"), Self.workload(in: "one"),
                Self.workload(in: "two")), certificates: StaticCertificates())
        let names = try namespace.inside {
            try DNSService(
                state: state, configuration: NodeConfiguration(), upstream: ResolverConfiguration(servers: []),
                log: NodeLog(log.logger, "dns"))
        }
        defer { names.stop() }
        try namespace.inside {
            try names.add(Self.local(in: "one", dnsPort: 17_001), resolverFiles: [])
            try names.add(Self.local(in: "two", dnsPort: 17_002), resolverFiles: [])
        }
        for (port, address) in [(17_001, "240.0.0.1"), (17_002, "240.0.0.2")] as [(UInt16, String)] {
            for server in [SocketAddress.loopback4(port: port), .loopback6(port: port)] {
                let answer = try namespace.inside { try Self.ask(server) }
                #expect(try #require(Reading(answer)).values.contains(address), "\(server)")
            }
            let stream = try namespace.inside { try TestSocket.connect("127.0.0.1", port) }
            let question = Packet.query("db")
            stream.send(Packet.two(UInt16(question.count)) + question)
            let length = stream.receive(count: 2).reduce(0) { $0 << 8 | Int($1) }
            #expect(try #require(Reading(stream.receive(count: length))).values.contains(address))
        }
        names.remove("one/client")
        #expect(
            Eventually.holds { (try? namespace.inside { try TestSocket.connect("127.0.0.1", 17_001) }) == nil })
        #expect((try? namespace.inside { try TestSocket.connect("127.0.0.1", 17_002) }) != nil)
    }
}
