import MeshModel
import NodeCore
import ZtunnelCore

/// Short forms for the meshes of the decision tests.
enum Mesh {
    static func ip(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(ipv4: 0, 0, 0, 0) }
    static func at(_ text: String) -> TransportAddress {
        TransportAddress(text) ?? TransportAddress(ip: ip("0.0.0.0"), port: 0)
    }
    static func vip(_ text: String, network: String = "") -> NetworkAddress {
        NetworkAddress(network: network, ip: ip(text))
    }
    static func key(_ hostname: String, namespace: String = "ns") -> ServiceName {
        ServiceName(namespace: namespace, hostname: hostname)
    }
    static func ports(_ port: UInt16, _ target: UInt16) -> [ServicePort] {
        [ServicePort(port: port, targetPort: target)]
    }
    static func gateway(_ text: String, network: String = "") -> GatewayAddress {
        GatewayAddress(.address(vip(text, network: network)))
    }

    static func snapshot(_ updates: MeshUpdate...) -> MeshSnapshot {
        var builder = SnapshotBuilder()
        return builder.apply(updates: updates)
    }

    static func workload(
        _ name: String, _ addresses: String..., namespace: String = "ns", tunnel: TunnelProtocol = .hbone,
        network: String = "", hostname: String = "", waypoint: GatewayAddress? = nil, gateway: GatewayAddress? = nil,
        node: String = "",
        tunnelTo: ApplicationTunnel? = nil, services: [ServiceName: [ServicePort]] = [:],
        health: WorkloadHealth = .healthy,
        locality: Locality = Locality(), cluster: String = "Kubernetes", mode: NetworkMode = .standard,
        capacity: UInt32 = 1
    ) -> Workload {
        Workload(
            uid: name, name: name, namespace: namespace, addresses: addresses.map { ip($0) }, hostname: hostname,
            network: network, tunnelProtocol: tunnel, serviceAccount: name, waypoint: waypoint, networkGateway: gateway,
            node: node, applicationTunnel: tunnelTo, services: services, health: health, clusterID: cluster,
            locality: locality, networkMode: mode, capacity: capacity)
    }
}

/// A generator whose numbers are the same in each run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64 = 1) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
