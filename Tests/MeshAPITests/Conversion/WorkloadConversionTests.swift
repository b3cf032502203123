import FoundationEssentials
import MeshAPI
import MeshModel
import SwiftProtobuf
import Testing

@Suite struct WorkloadConversionTests {
    static let full = Workload(
        uid: "c//Pod/shop/web-1", name: "web-1", namespace: "shop",
        addresses: [IPAddress(ipv4: 10, 0, 0, 1), IPAddress(high: 0x2001_0db8_0000_0000, low: 1, isIPv4: false)],
        hostname: "web-1.example", network: "n1", tunnelProtocol: .hbone, trustDomain: "example.org",
        serviceAccount: "web",
        waypoint: GatewayAddress(.hostname(ServiceName(namespace: "shop", hostname: "wp.shop")), port: 15009),
        networkGateway: GatewayAddress(.address(NetworkAddress(network: "n2", ip: IPAddress(ipv4: 192, 0, 2, 1)))),
        node: "host-a", canonicalName: "web", canonicalRevision: "v2", workloadType: .pod, workloadName: "web",
        hasNativeTunnel: true, applicationTunnel: ApplicationTunnel(preamble: .proxy, port: 15088),
        services: [
            ServiceName(namespace: "shop", hostname: "web.shop"): [
                ServicePort(port: 80, targetPort: 8080, applicationProtocol: .http2),
                ServicePort(port: 81, targetPort: 0),
            ],
            ServiceName(namespace: "shop", hostname: "all.shop"): [],
        ],
        authorizationPolicies: [PolicyName(namespace: "shop", name: "p")], health: .unhealthy, clusterID: "site-1",
        locality: Locality(region: "r", zone: "z", subzone: "s"), networkMode: .hostNetwork, capacity: 0,
        labels: WorkloadLabels(["tier": "gold", "example.com/team": "", "app": "web"]))

    @Test func everyFieldSurvivesTheWire() throws {
        let bytes: [UInt8] = try Istio_Workload_Address(Self.full).serializedBytes()
        let update = try MeshUpdate(typeURL: TypeURLs.address, name: Self.full.uid, bytes: bytes)
        #expect(update == .workload(Self.full))
        #expect(update.resourceName == Self.full.uid)
    }

    @Test func absentFieldsHaveTheirDefaults() throws {
        let workload = try Workload(
            .with {
                $0.uid = "u"; $0.name = "w"; $0.namespace = "n"
            })
        #expect(workload == Workload(uid: "u", name: "w", namespace: "n"))
        #expect(workload.identity.uri == "spiffe://cluster.local/ns/n/sa/default")
        #expect(workload.clusterID == "Kubernetes" && workload.capacity == 1)
        #expect(
            Istio_Workload_Workload(workload)
                == .with {
                    $0.uid = "u"; $0.name = "w"; $0.namespace = "n"
                })
    }

    @Test func zeroGatewayPortIsHBONE() throws {
        let workload = try Workload(
            .with {
                $0.uid = "u"
                $0.waypoint.address.address = Data([10, 0, 0, 1])
            })
        #expect(workload.waypoint?.port == 15008)
    }

    @Test("labels are extensions, which Istio's ztunnel does not read; other extensions are not labels")
    func labels() throws {
        #expect(
            Istio_Workload_Workload(Self.full).extensions.map(\.name)
                == ["ambit.io/label:app=web", "ambit.io/label:example.com/team=", "ambit.io/label:tier=gold"])
        let names = [
            "ambit.io/label:tier=gold", "ambit.io/label:tier=silver", "ambit.io/label:none", "ambit.io/label:=x",
            "other:a=b",
            "ambit.io/label:odd=a=b",
        ]
        let workload = try Workload(
            .with {
                $0.uid = "u"
                $0.extensions = names.map { name in .with { $0.name = name } }
            })
        #expect(workload.labels.values == ["tier": "gold", "odd": "a=b"])
    }

    @Test("labels beyond the bounds are left out, and the workload is not")
    func tooManyLabels() throws {
        var names = (0..<WorkloadLabels.limit + 1).map { "ambit.io/label:k\($0 + 100)=v" }
        names.append("ambit.io/label:a=\(String(repeating: "v", count: WorkloadLabels.valueLimit + 1))")
        names.append("ambit.io/label:\(String(repeating: "a", count: WorkloadLabels.keyLimit + 1))=v")
        let workload = try Workload(
            .with {
                $0.uid = "u"
                $0.extensions = names.map { name in .with { $0.name = name } }
            })
        #expect(workload.labels.all.count == WorkloadLabels.limit)
        #expect(workload.labels.all.first?.key == "k100" && workload.labels.values["k164"] == nil)
    }

    static let refusals: [(String, @Sendable (inout Istio_Workload_Workload) -> Void)] = [
        ("uid", { $0.uid = "" }),
        ("addresses", { $0.addresses = [Data([1, 2, 3])] }),
        ("addresses", { $0.addresses = [Data()] }),
        ("tunnel_protocol", { $0.tunnelProtocol = .legacyIstioMtls }),
        ("tunnel_protocol", { $0.tunnelProtocol = .UNRECOGNIZED(9) }),
        ("workload_type", { $0.workloadType = .UNRECOGNIZED(9) }),
        ("status", { $0.status = .UNRECOGNIZED(9) }),
        ("network_mode", { $0.networkMode = .UNRECOGNIZED(9) }),
        ("application_tunnel.protocol", { $0.applicationTunnel.protocol = .UNRECOGNIZED(9) }),
        ("application_tunnel.port", { $0.applicationTunnel.port = 65536 }),
        ("waypoint", { $0.waypoint.hboneMtlsPort = 15008 }),
        (
            "waypoint.hbone_mtls_port",
            {
                $0.waypoint.hostname.hostname = "h"; $0.waypoint.hboneMtlsPort = 70000
            }
        ),
        ("waypoint.hostname.namespace", { $0.waypoint.hostname.hostname = "h" }),
        ("network_gateway.address", { $0.networkGateway.address.address = Data([1]) }),
        ("services", { $0.services["nonsense"] = .init() }),
        ("services", { $0.services["a/b/c"] = .init() }),
        (
            "services[a/b].service_port",
            { $0.services["a/b"] = .with { $0.ports = [.with { $0.servicePort = 65536 }] } }
        ),
        ("services[a/b].service_port", { $0.services["a/b"] = .with { $0.ports = [.init()] } }),
        (
            "services[a/b].target_port",
            {
                $0.services["a/b"] = .with {
                    $0.ports = [
                        .with {
                            $0.servicePort = 1; $0.targetPort = 1 << 20
                        }
                    ]
                }
            }
        ),
        ("authorization_policies", { $0.authorizationPolicies = ["no-namespace"] }),
    ]

    @Test(arguments: refusals.indices) func refusesWithResourceAndField(_ index: Int) throws {
        let (field, change) = Self.refusals[index]
        var message = Istio_Workload_Workload.with {
            $0.uid = "the-uid"
            $0.namespace = "n"
            $0.name = "w"
        }
        change(&message)
        let error = try #require(throws: ConversionError.self) { try Workload(message) }
        #expect(error.field == field)
        #expect(error.resource == (field == "uid" ? "n/w" : "the-uid"))
    }
}
