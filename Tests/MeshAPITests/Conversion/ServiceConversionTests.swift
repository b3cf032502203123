import FoundationEssentials
import MeshAPI
import MeshModel
import SwiftProtobuf
import Testing

@Suite struct ServiceConversionTests {
    static let full = Service(
        name: "web", namespace: "shop", hostname: "web.shop.svc.cluster.local",
        addresses: [NetworkAddress(network: "n", ip: IPAddress(ipv4: 240, 240, 0, 1))],
        ranges: [CIDR("2001:db8::/32")].compactMap { $0.map { NetworkRange(network: "n", range: $0) } },
        ports: [ServicePort(port: 80, targetPort: 8080, applicationProtocol: .http11)],
        subjectAltNames: ["spiffe://cluster.local/ns/shop/sa/web"],
        waypoint: GatewayAddress(.hostname(ServiceName(namespace: "shop", hostname: "wp"))),
        weightedWaypoints: [
            WeightedWaypoint(
                GatewayAddress(.address(NetworkAddress(network: "", ip: IPAddress(ipv4: 10, 0, 0, 1)))), weight: 3)
        ],
        loadBalancing: LoadBalancing(
            routingPreferences: [.network, .region, .zone, .subzone, .node, .cluster], mode: .failover,
            healthPolicy: .allowAll),
        ipFamilies: .dual, isCanonical: true, visibility: .namespace)

    @Test func everyFieldSurvivesTheWire() throws {
        let bytes: [UInt8] = try Istio_Workload_Address(Self.full).serializedBytes()
        let update = try MeshUpdate(typeURL: TypeURLs.address, name: "shop/web.shop.svc.cluster.local", bytes: bytes)
        #expect(update == .service(Self.full))
    }

    @Test(arguments: [LoadBalancing.Mode.standard, .strict, .failover, .passthrough])
    func modes(_ mode: LoadBalancing.Mode) throws {
        let service = Service(name: "s", namespace: "n", hostname: "h", loadBalancing: LoadBalancing(mode: mode))
        #expect(try Service(Istio_Workload_Service(service)) == service)
    }

    @Test(arguments: [IPFamilies.automatic, .ipv4Only, .ipv6Only, .dual]) func families(_ families: IPFamilies) throws {
        let service = Service(name: "s", namespace: "n", hostname: "h", ipFamilies: families)
        #expect(try Service(Istio_Workload_Service(service)) == service)
    }

    static let refusals: [(String, @Sendable (inout Istio_Workload_Service) -> Void)] = [
        ("namespace", { $0.namespace = "" }),
        ("hostname", { $0.hostname = "" }),
        ("addresses", { $0.addresses = [.init()] }),
        (
            "addresses.length",
            {
                $0.addresses = [
                    .with {
                        $0.address = Data([10, 0, 0, 0]); $0.length = 33
                    }
                ]
            }
        ),
        (
            "addresses.length",
            {
                $0.addresses = [
                    .with {
                        $0.address = Data(repeating: 0, count: 16); $0.length = .max
                    }
                ]
            }
        ),
        ("ports.service_port", { $0.ports = [.with { $0.servicePort = 0 }] }),
        (
            "ports.target_port",
            {
                $0.ports = [
                    .with {
                        $0.servicePort = 80; $0.targetPort = 65536
                    }
                ]
            }
        ),
        ("load_balancing.mode", { $0.loadBalancing.mode = .UNRECOGNIZED(9) }),
        ("load_balancing.health_policy", { $0.loadBalancing.healthPolicy = .UNRECOGNIZED(9) }),
        ("load_balancing.routing_preference", { $0.loadBalancing.routingPreference = [.unspecifiedScope] }),
        ("load_balancing.routing_preference", { $0.loadBalancing.routingPreference = [.UNRECOGNIZED(77)] }),
        ("ip_families", { $0.ipFamilies = .UNRECOGNIZED(9) }),
        ("visibility", { $0.visibility = .UNRECOGNIZED(9) }),
        ("weighted_waypoints.waypoint", { $0.weightedWaypoints = [.with { $0.weight = 1 }] }),
        (
            "waypoint.address.length",
            {
                $0.waypoint.address.address = Data([10, 0, 0, 0]); $0.waypoint.address.length = 8
            }
        ),
    ]

    @Test(arguments: refusals.indices) func refusesWithResourceAndField(_ index: Int) throws {
        let (field, change) = Self.refusals[index]
        var message = Istio_Workload_Service.with {
            $0.namespace = "n"
            $0.hostname = "h"
        }
        change(&message)
        let error = try #require(throws: ConversionError.self) { try Service(message) }
        #expect(error.field == field)
        #expect(error.resource == "\(message.namespace)/\(message.hostname)")
        #expect(error.description.hasPrefix("\(error.resource): \(field): "))
    }

    @Test func aLengthOfZeroIsTheWholeSpaceAndAbsenceIsOneAddress() throws {
        let service = try Service(
            .with {
                $0.namespace = "n"
                $0.hostname = "h"
                $0.addresses = [
                    .with { $0.address = Data([10, 0, 0, 1]) },
                    .with {
                        $0.address = Data([10, 0, 0, 1]); $0.length = 0
                    },
                ]
            })
        #expect(service.addresses.map(\.description) == ["/10.0.0.1"])
        #expect(service.ranges.map(\.description) == ["/0.0.0.0/0"])
    }

    @Test func protocolsThatAreNotKnownAreOnlyHints() throws {
        let service = try Service(
            .with {
                $0.namespace = "n"
                $0.hostname = "h"
                $0.ports = [
                    .with {
                        $0.servicePort = 80; $0.appProtocol = .UNRECOGNIZED(9)
                    }
                ]
            })
        #expect(service.ports == [ServicePort(port: 80, targetPort: 0, applicationProtocol: .unknown)])
    }
}
