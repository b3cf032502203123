import MeshModel
import Testing

@Suite struct MeshSnapshotTests {
    static func ip(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(ipv4: 0, 0, 0, 0) }
    static func at(_ text: String, network: String = "") -> NetworkAddress {
        NetworkAddress(network: network, ip: ip(text))
    }
    static func name(_ namespace: String, _ hostname: String) -> ServiceName {
        ServiceName(namespace: namespace, hostname: hostname)
    }

    static func snapshot(_ updates: [MeshUpdate]) -> MeshSnapshot {
        var builder = SnapshotBuilder()
        return builder.apply(updates: updates)
    }

    static func workload(
        _ uid: String, _ ip: String, tunnel: TunnelProtocol = .hbone, services: [ServiceName: [ServicePort]] = [:],
        mode: NetworkMode = .standard, network: String = ""
    ) -> Workload {
        Workload(
            uid: uid, name: uid, namespace: "ns", addresses: [Self.ip(ip)], network: network, tunnelProtocol: tunnel,
            services: services, networkMode: mode)
    }

    // MARK: workloads

    @Test func findsWorkloadsByUIDAddressNameAndHostname() {
        let web = Workload(
            uid: "u1", name: "web", namespace: "shop", addresses: [Self.ip("10.0.0.1"), Self.ip("2001:db8::1")],
            hostname: "web.example", network: "n1", serviceAccount: "web", node: "a")
        let snapshot = Self.snapshot([.workload(web)])
        #expect(snapshot.workload(uid: "u1") == web)
        #expect(snapshot.workloads(at: Self.at("10.0.0.1", network: "n1")) == [web])
        #expect(snapshot.workloads(at: Self.at("2001:db8::1", network: "n1")) == [web])
        #expect(snapshot.workloads(at: Self.at("10.0.0.1")).isEmpty)
        #expect(snapshot.workload(hostname: "web.example") == web)
        #expect(snapshot.workload(namespace: "shop", name: "web", serviceAccount: "web", node: "a") == web)
        #expect(snapshot.workload(namespace: "shop", name: "web", serviceAccount: "web", node: nil) == web)
        #expect(snapshot.workload(namespace: "shop", name: "web", serviceAccount: "web", node: "b") == nil)
        #expect(snapshot.workload(namespace: "shop", name: "web", serviceAccount: "other", node: "a") == nil)
    }

    @Test func ranksWorkloadsOfOneAddress() {
        let snapshot = Self.snapshot([
            .workload(Self.workload("b", "10.0.0.1", tunnel: .tcp)), .workload(Self.workload("c", "10.0.0.1")),
            .workload(Self.workload("k//Pod/ns/x", "10.0.0.1", tunnel: .tcp)),
            .workload(Self.workload("a", "10.0.0.1")),
        ])
        #expect(snapshot.workloads(at: Self.at("10.0.0.1")).map(\.uid) == ["k//Pod/ns/x", "a", "c", "b"])
    }

    @Test func findsHostNetworkWorkloadsAtTheirPortsOnly() {
        let web = Self.workload(
            "web", "10.0.0.1", services: [Self.name("ns", "web"): [ServicePort(port: 80, targetPort: 8080)]],
            mode: .hostNetwork)
        let database = Self.workload(
            "db", "10.0.0.1", services: [Self.name("ns", "db"): [ServicePort(port: 5432, targetPort: 0)]],
            mode: .hostNetwork)
        var builder = SnapshotBuilder()
        let service = Service(
            name: "db", namespace: "ns", hostname: "db", ports: [ServicePort(port: 5432, targetPort: 15432)])
        var snapshot = builder.apply(updates: [.workload(web), .workload(database), .service(service)])
        let address = Self.at("10.0.0.1")
        #expect(snapshot.workloads(at: address).isEmpty)
        #expect(snapshot.clients(at: address) == [database, web])
        #expect(snapshot.workload(at: address, port: 8080) == web)
        #expect(snapshot.workload(at: address, port: 15432) == database)
        #expect(snapshot.workload(at: address, port: 22) == nil, "the host's own")
        #expect(snapshot.workload(uid: "web") == web)

        // Beside one that has the address for itself, the host's own ports mean that one.
        let standard = Self.workload("pod", "10.0.0.1")
        snapshot = builder.apply(updates: [.workload(standard)])
        #expect(snapshot.workload(at: address, port: 8080) == web)
        #expect(snapshot.workload(at: address, port: 22) == standard)
        #expect(snapshot.clients(at: address) == [standard, database, web])

        snapshot = builder.apply(updates: [], removals: [.address("web"), .address("db"), .address("pod")])
        #expect(snapshot.clients(at: address).isEmpty && snapshot.workload(at: address, port: 8080) == nil)
    }

    @Test func tellsWorkloadsOfOneAddressApartByPort() {
        let web = Self.workload(
            "web", "10.0.0.1", services: [Self.name("ns", "web"): [ServicePort(port: 80, targetPort: 8080)]])
        let database = Self.workload(
            "db", "10.0.0.1", services: [Self.name("ns", "db"): [ServicePort(port: 5432, targetPort: 0)]])
        let snapshot = Self.snapshot([
            .workload(web), .workload(database),
            .service(
                Service(
                    name: "db", namespace: "ns", hostname: "db", ports: [ServicePort(port: 5432, targetPort: 15432)])),
        ])
        let address = Self.at("10.0.0.1")
        #expect(snapshot.workload(at: address, port: 8080) == web)
        #expect(snapshot.workload(at: address, port: 15432) == database)
        #expect(
            snapshot.workload(at: address, port: 22) == database, "the best ranked, and the server refuses the port")
        #expect(snapshot.claims(web, port: 8080) && !snapshot.claims(web, port: 80))
        #expect(snapshot.claims(database, port: 15432) && !snapshot.claims(database, port: 8080))
    }

    // MARK: services

    static func service(
        _ namespace: String, _ hostname: String, vips: [String] = [], ranges: [String] = [], canonical: Bool = false,
        visibility: ServiceVisibility = .everyone
    ) -> Service {
        Service(
            name: hostname, namespace: namespace, hostname: hostname, addresses: vips.map { at($0) },
            ranges: ranges.compactMap { CIDR($0).map { NetworkRange(network: "", range: $0) } }, isCanonical: canonical,
            visibility: visibility)
    }

    @Test func choosesAmongServicesOfOneAddress() {
        let snapshot = Self.snapshot([
            .service(Self.service("a", "one", vips: ["240.0.0.1"])),
            .service(Self.service("b", "two", vips: ["240.0.0.1"], canonical: true)),
            .service(Self.service("c", "three", vips: ["240.0.0.1"])),
            .service(
                Self.service("d", "hidden", vips: ["240.0.0.1", "240.0.0.2"], canonical: true, visibility: .namespace)),
        ])
        let address = Self.at("240.0.0.1")
        #expect(snapshot.service(at: address, from: "c")?.hostname == "three", "the client's own namespace")
        #expect(snapshot.service(at: address, from: "x")?.hostname == "two", "canonical")
        #expect(snapshot.service(at: address, from: "d")?.hostname == "hidden")
        #expect(snapshot.service(at: Self.at("240.0.0.2"), from: "x") == nil, "not visible")
    }

    @Test func ranksRanges() {
        let snapshot = Self.snapshot([
            .service(Self.service("a", "wide", ranges: ["10.0.0.0/8"])),
            .service(Self.service("b", "narrow", ranges: ["10.1.0.0/16"])),
            .service(Self.service("c", "canonical", ranges: ["10.1.0.0/16"], canonical: true)),
            .service(Self.service("d", "exact", vips: ["10.1.1.1"])),
            .service(Self.service("e", "six", ranges: ["2001:db8::/32"])),
        ])
        #expect(snapshot.service(at: Self.at("10.1.1.1"), from: "a")?.hostname == "exact", "exact before every range")
        #expect(snapshot.service(at: Self.at("10.1.1.2"), from: "a")?.hostname == "wide", "own namespace before prefix")
        #expect(snapshot.service(at: Self.at("10.1.1.2"), from: "b")?.hostname == "narrow")
        #expect(snapshot.service(at: Self.at("10.1.1.2"), from: "x")?.hostname == "canonical")
        #expect(snapshot.service(at: Self.at("10.2.0.1"), from: "x")?.hostname == "wide")
        #expect(snapshot.service(at: Self.at("2001:db8::1"), from: "x")?.hostname == "six")
        #expect(snapshot.service(at: Self.at("11.0.0.1"), from: "x") == nil)
        #expect(snapshot.service(at: Self.at("10.1.1.2", network: "other"), from: "x") == nil)
    }

    @Test func rangesGoWithTheirService() {
        var builder = SnapshotBuilder()
        _ = builder.apply(updates: [.service(Self.service("a", "s", ranges: ["10.0.0.0/8", "10.0.0.0/8"]))])
        // Endpoint updates must not add the range again (the defect named in Z 5.2).
        for number in 0..<3 {
            _ = builder.apply(updates: [
                .workload(Self.workload("w\(number)", "10.0.0.\(number)", services: [Self.name("a", "s"): []]))
            ])
        }
        var snapshot = builder.apply(updates: [.service(Self.service("a", "s", ranges: ["10.0.0.0/16"]))])
        #expect(snapshot.service(at: Self.at("10.9.0.1"), from: "x") == nil)
        #expect(snapshot.service(at: Self.at("10.0.0.1"), from: "x")?.hostname == "s")
        snapshot = builder.apply(updates: [], removals: [.address("a/s")])
        #expect(snapshot.service(at: Self.at("10.0.0.1"), from: "x") == nil)
        #expect(snapshot.stagedServices == [Self.name("a", "s")])
    }

    @Test func findsServicesByHostname() {
        let snapshot = Self.snapshot([
            .service(Self.service("a", "h")), .service(Self.service("b", "h", canonical: true)),
        ])
        #expect(snapshot.service(hostname: "h", from: "a")?.namespace == "a")
        #expect(snapshot.service(hostname: "h", from: "x")?.namespace == "b")
        #expect(snapshot.services(hostname: "h").map(\.namespace) == ["a", "b"])
        #expect(snapshot.service(Self.name("a", "h"))?.hostname == "h")
        #expect(snapshot.service(hostname: "other", from: "a") == nil)
    }

    // MARK: endpoints

    @Test func stagesEndpointsOfServicesThatAreNotKnownYet() {
        var builder = SnapshotBuilder()
        let key = Self.name("ns", "s")
        let ports = [ServicePort(port: 80, targetPort: 8080)]
        var snapshot = builder.apply(updates: [.workload(Self.workload("w", "10.0.0.1", services: [key: ports]))])
        #expect(snapshot.stagedServices == [key])
        snapshot = builder.apply(updates: [.service(Self.service("ns", "s"))])
        #expect(snapshot.stagedServices.isEmpty)
        #expect(snapshot.endpoints(of: key).map(\.workload.uid) == ["w"])
        #expect(snapshot.endpoints(of: key).first?.ports == ports)
    }

    @Test func endpointsFollowTheirWorkload() {
        var builder = SnapshotBuilder()
        let one = Self.name("ns", "one")
        let two = Self.name("ns", "two")
        var snapshot = builder.apply(
            updates: ["c", "a", "b"].map { .workload(Self.workload($0, "10.0.0.1", services: [one: []])) })
        #expect(snapshot.endpoints(of: one).map(\.workload.uid) == ["a", "b", "c"])
        snapshot = builder.apply(
            updates: [.workload(Self.workload("b", "10.0.0.2", services: [two: []]))], removals: [.address("a")])
        #expect(snapshot.endpoints(of: one).map(\.workload.uid) == ["c"])
        #expect(snapshot.endpoints(of: two).map(\.workload.uid) == ["b"])
        #expect(snapshot.workloads(at: Self.at("10.0.0.1")).map(\.uid) == ["c"])
        snapshot = builder.apply(
            updates: [], removals: [.address("b"), .address("c"), .address("unknown"), .address("x/y/z")])
        #expect(snapshot.endpoints(of: two).isEmpty && snapshot.workloads.isEmpty && snapshot.stagedServices.isEmpty)
    }

    @Test func theLastOfOneNameInAnUpdateWins() {
        let key = Self.name("ns", "s")
        let snapshot = Self.snapshot([
            .workload(Self.workload("w", "10.0.0.1", services: [key: []])), .workload(Self.workload("w", "10.0.0.2")),
        ])
        #expect(snapshot.endpoints(of: key).isEmpty)
        #expect(snapshot.workloads(at: Self.at("10.0.0.1")).isEmpty)
        #expect(snapshot.workloads(at: Self.at("10.0.0.2")).map(\.uid) == ["w"])
    }

    // MARK: snapshots

    @Test func earlierSnapshotsDoNotChange() {
        var builder = SnapshotBuilder()
        let first = builder.apply(updates: [
            .workload(Self.workload("w", "10.0.0.1", services: [Self.name("ns", "s"): []])),
            .service(Self.service("ns", "s", vips: ["240.0.0.1"])),
        ])
        let second = builder.apply(
            updates: [.service(Self.service("ns", "s", vips: ["240.0.0.2"]))], removals: [.address("w")])
        #expect(first.workload(uid: "w") != nil && second.workload(uid: "w") == nil)
        #expect(first.endpoints(of: Self.name("ns", "s")).count == 1)
        #expect(first.service(at: Self.at("240.0.0.1"), from: "x") != nil)
        #expect(second.service(at: Self.at("240.0.0.1"), from: "x") == nil)
        #expect(second.version > first.version)
        #expect(
            MeshSnapshot.empty.workloads.isEmpty && MeshSnapshot.empty.service(at: Self.at("1.1.1.1"), from: "x") == nil
        )
    }

    @Test func removalPrefersTheWorkloadOfThatName() {
        var builder = SnapshotBuilder()
        _ = builder.apply(updates: [
            .workload(Self.workload("ns/s", "10.0.0.1")), .service(Self.service("ns", "s")),
        ])
        var snapshot = builder.apply(updates: [], removals: [.address("ns/s")])
        #expect(snapshot.workload(uid: "ns/s") == nil && snapshot.service(Self.name("ns", "s")) != nil)
        snapshot = builder.apply(updates: [], removals: [.address("ns/s")])
        #expect(snapshot.service(Self.name("ns", "s")) == nil)
    }

    @Test func policiesAreFoundByScope() {
        func policy(_ name: String, _ namespace: String, _ scope: Authorization.Scope) -> MeshUpdate {
            .policy(Authorization(name: name, namespace: namespace, scope: scope, action: .deny, rules: []))
        }
        var builder = SnapshotBuilder()
        var snapshot = builder.apply(updates: [
            policy("g2", "root", .global), policy("g1", "root", .global), policy("n", "ns", .namespace),
            policy("w", "ns", .workloadSelector),
        ])
        #expect(snapshot.globalPolicies.map(\.name) == ["g1", "g2"])
        #expect(snapshot.policies(namespace: "ns").map(\.name) == ["n"])
        #expect(snapshot.policy(PolicyName(namespace: "ns", name: "w"))?.name == "w")
        snapshot = builder.apply(
            updates: [policy("g1", "root", .namespace)], removals: [.policy("ns/n"), .policy("x/y")])
        #expect(snapshot.globalPolicies.map(\.name) == ["g2"])
        #expect(snapshot.policies(namespace: "root").map(\.name) == ["g1"])
        #expect(snapshot.policies(namespace: "ns").isEmpty)
        #expect(snapshot.policies.count == 3)
    }

    /// What an update costs depends on what it changes, not on the size of the mesh: 2,000 single updates among 10,000
    /// workloads of 500 services take far less than rebuilding would.
    @Test(.timeLimit(.minutes(1))) func singleUpdatesAmongManyWorkloads() {
        var builder = SnapshotBuilder()
        func workload(_ number: Int, capacity: UInt32) -> MeshUpdate {
            .workload(
                Workload(
                    uid: "w\(number)", name: "w\(number)", namespace: "ns",
                    addresses: [IPAddress(high: 0, low: 0x0a00_0000 + UInt64(number), isIPv4: true)],
                    services: [Self.name("ns", "s\(number % 500)"): [ServicePort(port: 80, targetPort: 80)]],
                    capacity: capacity))
        }
        let clock = ContinuousClock()
        _ = builder.apply(updates: (0..<10_000).map { workload($0, capacity: 1) })
        var snapshots: [MeshSnapshot] = []
        let elapsed = clock.measure {
            for number in 0..<2_000 { snapshots = [builder.apply(updates: [workload(number, capacity: 2)])] }
        }
        #expect(snapshots.first?.workloads.count == 10_000)
        #expect(elapsed < .seconds(10), "\(elapsed) for 2,000 updates; a copy of the whole each would take minutes")
    }
}
