package import MeshModel
import SwiftProtobuf

extension Service {
    /// Takes a service from the wire. Extensions are for others and left out.
    package convenience init(_ message: Istio_Workload_Service) throws(ConversionError) {
        let reader = FieldReader(resource: "\(message.namespace)/\(message.hostname)")
        var addresses: [NetworkAddress] = []
        var ranges: [NetworkRange] = []
        for address in message.addresses {
            let ip = try reader.address(address.address, "addresses")
            guard address.hasLength else {
                addresses.append(NetworkAddress(network: address.network, ip: ip))
                continue
            }
            guard address.length <= 128, let range = CIDR(ip, prefixLength: Int(address.length)) else {
                throw reader.error("addresses.length", "\(address.length) is not a prefix length of \(ip)")
            }
            ranges.append(NetworkRange(network: address.network, range: range))
        }
        var weighted: [WeightedWaypoint] = []
        for share in message.weightedWaypoints {
            weighted.append(
                WeightedWaypoint(
                    try reader.gateway(share.waypoint, "weighted_waypoints.waypoint"), weight: share.weight))
        }
        self.init(
            name: message.name, namespace: try reader.nonEmpty(message.namespace, "namespace"),
            hostname: try reader.nonEmpty(message.hostname, "hostname"), addresses: addresses, ranges: ranges,
            ports: try reader.ports(message.ports, "ports"), subjectAltNames: message.subjectAltNames,
            waypoint: message.hasWaypoint ? try reader.gateway(message.waypoint, "waypoint") : nil,
            weightedWaypoints: weighted,
            loadBalancing: try Self.loadBalancing(message.loadBalancing, reader),
            ipFamilies: try Self.ipFamilies(message.ipFamilies, reader), isCanonical: message.canonical,
            visibility: try Self.visibility(message.visibility, reader))
    }

    private static func loadBalancing(
        _ message: Istio_Workload_LoadBalancing, _ reader: FieldReader
    ) throws(ConversionError) -> LoadBalancing {
        var preferences: [LoadBalancing.Scope] = []
        for scope in message.routingPreference {
            switch scope {
            case .region: preferences.append(.region)
            case .zone: preferences.append(.zone)
            case .subzone: preferences.append(.subzone)
            case .node: preferences.append(.node)
            case .cluster: preferences.append(.cluster)
            case .network: preferences.append(.network)
            case .unspecifiedScope, .UNRECOGNIZED:
                throw reader.error("load_balancing.routing_preference", "\(scope.rawValue) is not known")
            }
        }
        let mode: LoadBalancing.Mode
        switch message.mode {
        case .unspecifiedMode: mode = .standard
        case .strict: mode = .strict
        case .failover: mode = .failover
        case .passthrough: mode = .passthrough
        case .UNRECOGNIZED(let value): throw reader.error("load_balancing.mode", "\(value) is not known")
        }
        let health: LoadBalancing.HealthPolicy
        switch message.healthPolicy {
        case .onlyHealthy: health = .onlyHealthy
        case .allowAll: health = .allowAll
        case .UNRECOGNIZED(let value): throw reader.error("load_balancing.health_policy", "\(value) is not known")
        }
        return LoadBalancing(routingPreferences: preferences, mode: mode, healthPolicy: health)
    }

    private static func ipFamilies(
        _ message: Istio_Workload_IPFamilies, _ reader: FieldReader
    ) throws(ConversionError) -> IPFamilies {
        switch message {
        case .automatic: return .automatic
        case .ipv4Only: return .ipv4Only
        case .ipv6Only: return .ipv6Only
        case .dual: return .dual
        case .UNRECOGNIZED(let value): throw reader.error("ip_families", "\(value) is not known")
        }
    }

    private static func visibility(
        _ message: Istio_Workload_Visibility, _ reader: FieldReader
    ) throws(ConversionError) -> ServiceVisibility {
        switch message {
        case .public: return .everyone
        case .namespace: return .namespace
        case .UNRECOGNIZED(let value): throw reader.error("visibility", "\(value) is not known")
        }
    }
}
