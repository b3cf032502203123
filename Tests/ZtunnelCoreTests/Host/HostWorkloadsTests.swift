import MeshModel
import Testing
import ZtunnelCore

/// Which of the workloads of a host a connection means (D4), as tables.
@Suite struct HostWorkloadsTests {
    private static func workload(
        _ name: String, account: String? = nil, namespace: String = "shop", _ place: HostPlace
    ) -> LocalWorkload {
        LocalWorkload(
            uid: "\(namespace)/\(name)", name: name, namespace: namespace, serviceAccount: account ?? name,
            trustDomain: "cluster.local", place: .host(place))
    }

    private static func place(
        _ number: UInt16, _ ports: Set<UInt16>, at addresses: Set<IPAddress> = []
    ) -> HostPlace {
        HostPlace(outboundPort: 16_000 + number, dnsPort: 17_000 + number, ports: ports, addresses: addresses)
    }

    private static func host(_ workloads: LocalWorkload...) throws -> HostWorkloads {
        var host = HostWorkloads()
        for workload in workloads { try host.insert(workload, at: try #require(workload.place.host)) }
        return host
    }

    private static func identity(_ account: String, namespace: String = "shop") -> HostCertificateChoice {
        .identity(SPIFFEIdentity(trustDomain: "cluster.local", namespace: namespace, serviceAccount: account))
    }

    private static let first = Mesh.ip("10.0.0.1")
    private static let second = Mesh.ip("10.0.0.2")

    private static func refusal(_ choice: HostCertificateChoice) -> String {
        if case .refuse(let reason) = choice { reason } else { "" }
    }

    // MARK: certificates

    @Test(arguments: [
        ("web.shop.cluster.local", "web"), ("WEB.Shop.cluster.LOCAL", "web"), ("db.shop.cluster.local", "db"),
    ])
    func aServerNameChooses(_ name: String, _ account: String) throws {
        let host = try Self.host(Self.workload("web", Self.place(1, [80])), Self.workload("db", Self.place(2, [5432])))
        #expect(host.certificate(for: name, at: Self.first) == Self.identity(account))
    }

    @Test(arguments: ["web.other.cluster.local", "web.shop", "web.shop.cluster.local.", "", "10.0.0.1"])
    func aServerNameOfNobodyIsRefused(_ name: String) throws {
        let host = try Self.host(Self.workload("web", Self.place(1, [80])))
        let reason = Self.refusal(host.certificate(for: name, at: Self.first))
        #expect(reason == "no workload of this host is called \(name) at 10.0.0.1")
    }

    @Test func aServerNameOfAnotherAddressIsRefused() throws {
        let host = try Self.host(Self.workload("web", Self.place(1, [80], at: [Self.second])))
        #expect(host.certificate(for: "web.shop.cluster.local", at: Self.second) == Self.identity("web"))
        #expect(!Self.refusal(host.certificate(for: "web.shop.cluster.local", at: Self.first)).isEmpty)
    }

    /// Dots may stand in an account and a namespace: the name does not say where one ends.
    @Test func aServerNameOfTwoIdentitiesIsRefused() throws {
        let host = try Self.host(
            Self.workload("one", account: "a.b", namespace: "c", Self.place(1, [80])),
            Self.workload("two", account: "a", namespace: "b.c", Self.place(2, [81])))
        #expect(Self.refusal(host.certificate(for: "a.b.c.cluster.local", at: Self.first)).contains("2 identities"))
    }

    @Test func withoutAServerNameTheOnlyWorkloadAnswers() throws {
        let host = try Self.host(Self.workload("web", Self.place(1, [80])))
        #expect(host.certificate(for: nil, at: Self.first) == Self.identity("web"))
    }

    @Test func withoutAServerNameTheOnlyIdentityAnswersForAllThatHaveIt() throws {
        let host = try Self.host(
            Self.workload("one", account: "web", Self.place(1, [80])),
            Self.workload("two", account: "web", Self.place(2, [81])))
        #expect(host.certificate(for: nil, at: Self.first) == Self.identity("web"))
    }

    @Test func withoutAServerNameOneOfTwoIsNotGuessed() throws {
        let host = try Self.host(Self.workload("web", Self.place(1, [80])), Self.workload("db", Self.place(2, [5432])))
        let reason = Self.refusal(host.certificate(for: nil, at: Self.first))
        #expect(reason.contains("no server name (SNI)") && reason.contains("2 identities share 10.0.0.1"))
    }

    @Test func withoutAServerNameTheAddressTells() throws {
        let host = try Self.host(
            Self.workload("web", Self.place(1, [80], at: [Self.first])),
            Self.workload("db", Self.place(2, [80], at: [Self.second])))
        #expect(host.certificate(for: nil, at: Self.first) == Self.identity("web"))
        #expect(host.certificate(for: nil, at: Self.second) == Self.identity("db"))
        #expect(Self.refusal(host.certificate(for: nil, at: Mesh.ip("10.0.0.3"))).contains("0 identities"))
    }

    @Test func nobodyAnswersOnAHostWithoutWorkloads() {
        let host = HostWorkloads()
        #expect(host.isEmpty)
        #expect(!Self.refusal(host.certificate(for: nil, at: Self.first)).isEmpty)
        #expect(host.uid(at: Mesh.at("10.0.0.1:80")) == nil)
    }

    // MARK: ports

    @Test func aPortBelongsToOneWorkload() throws {
        let host = try Self.host(
            Self.workload("web", Self.place(1, [80, 443])), Self.workload("db", Self.place(2, [5432])))
        #expect(host.uid(at: Mesh.at("10.0.0.1:443")) == "shop/web")
        #expect(host.uid(at: Mesh.at("10.0.0.1:5432")) == "shop/db")
        #expect(host.uid(at: Mesh.at("10.0.0.1:22")) == nil)
    }

    @Test func aPortMayBelongToTwoOnDifferentAddresses() throws {
        let host = try Self.host(
            Self.workload("web", Self.place(1, [80], at: [Self.first])),
            Self.workload("db", Self.place(2, [80], at: [Self.second])))
        #expect(host.uid(at: Mesh.at("10.0.0.1:80")) == "shop/web")
        #expect(host.uid(at: Mesh.at("10.0.0.2:80")) == "shop/db")
        #expect(host.uid(at: Mesh.at("10.0.0.3:80")) == nil)
    }

    @Test func workloadsOfOneIdentityAreFoundTogetherInOneOrder() throws {
        let host = try Self.host(
            Self.workload("b", account: "web", Self.place(1, [80])),
            Self.workload("c", Self.place(2, [81])), Self.workload("a", account: "web", Self.place(3, [82])))
        let identity = Self.workload("b", account: "web", Self.place(1, [])).identity
        #expect(host.uids(of: identity) == ["shop/a", "shop/b"])
    }

    // MARK: changes

    @Test(arguments: [
        (HostPlace(outboundPort: 16_001, dnsPort: 17_002, ports: [81]), "port 16001, where captured traffic"),
        (HostPlace(outboundPort: 16_002, dnsPort: 17_001, ports: [81]), "port 17001, where captured traffic"),
        (HostPlace(outboundPort: 17_001, dnsPort: 17_002, ports: [81]), "port 17001, where captured traffic"),
        (HostPlace(outboundPort: 16_002, dnsPort: 17_002, ports: [81, 80]), "port 80 is also one"),
        (HostPlace(outboundPort: 15_006, dnsPort: 17_002, ports: []), "port 15006 is ztunnel's own"),
        (HostPlace(outboundPort: 16_002, dnsPort: 17_002, ports: [15_008]), "port 15008 is ztunnel's own"),
        (HostPlace(outboundPort: 0, dnsPort: 17_002, ports: []), "must not be 0"),
        (HostPlace(outboundPort: 16_002, dnsPort: 17_002, ports: [16_002]), "are ports of its application"),
        (HostPlace(outboundPort: 16_002, dnsPort: 16_002, ports: []), "must differ"),
    ])
    func whatWouldLeaveInDoubtWhoseAConnectionIsChangesNothing(_ place: HostPlace, _ reason: String) throws {
        var host = try Self.host(Self.workload("web", Self.place(1, [80])))
        let error = #expect(throws: DataPlaneError.self) {
            try host.insert(Self.workload("db", place), at: place)
        }
        #expect(error?.code == .portTaken)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(host.workload("shop/db") == nil)
        #expect(host.uid(at: Mesh.at("10.0.0.1:80")) == "shop/web")
    }

    @Test func aWorkloadMayChangeItsPortsAndNotTakeAnothers() throws {
        var host = try Self.host(Self.workload("web", Self.place(1, [80])), Self.workload("db", Self.place(2, [5432])))
        try host.insert(Self.workload("web", Self.place(1, [81])), at: Self.place(1, [81]))
        #expect(host.uid(at: Mesh.at("10.0.0.1:81")) == "shop/web" && host.uid(at: Mesh.at("10.0.0.1:80")) == nil)
        #expect(throws: DataPlaneError.self) {
            try host.insert(Self.workload("web", Self.place(1, [5432])), at: Self.place(1, [5432]))
        }
        #expect(host.uid(at: Mesh.at("10.0.0.1:81")) == "shop/web")
        host.remove("shop/web")
        host.remove("shop/nobody")
        #expect(host.uid(at: Mesh.at("10.0.0.1:81")) == nil && !host.isEmpty)
    }
}
