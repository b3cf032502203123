import FoundationEssentials
package import MeshModel
import SwiftProtobuf

extension Istio_Workload_Service {
    /// The service as it goes over the wire.
    package init(_ service: Service) {
        self.init()
        name = service.name
        namespace = service.namespace
        hostname = service.hostname
        addresses = service.addresses.map(Istio_Workload_NetworkAddress.init)
        for range in service.ranges {
            var message = Istio_Workload_NetworkAddress(
                NetworkAddress(network: range.network, ip: range.range.address))
            message.length = UInt32(range.range.prefixLength)
            addresses.append(message)
        }
        ports = service.ports.map(Istio_Workload_Port.init)
        subjectAltNames = service.subjectAltNames
        if let gateway = service.waypoint { waypoint = Istio_Workload_GatewayAddress(gateway) }
        weightedWaypoints = service.weightedWaypoints.map { share in
            .with {
                $0.waypoint = Istio_Workload_GatewayAddress(share.waypoint)
                $0.weight = share.weight
            }
        }
        if service.loadBalancing != LoadBalancing() {
            loadBalancing = Istio_Workload_LoadBalancing(service.loadBalancing)
        }
        switch service.ipFamilies {
        case .automatic: ipFamilies = .automatic
        case .ipv4Only: ipFamilies = .ipv4Only
        case .ipv6Only: ipFamilies = .ipv6Only
        case .dual: ipFamilies = .dual
        }
        canonical = service.isCanonical
        visibility = service.visibility == .namespace ? .namespace : .public
    }
}

extension Istio_Workload_LoadBalancing {
    init(_ loadBalancing: LoadBalancing) {
        self.init()
        routingPreference = loadBalancing.routingPreferences.map { scope in
            switch scope {
            case .region: .region
            case .zone: .zone
            case .subzone: .subzone
            case .node: .node
            case .cluster: .cluster
            case .network: .network
            }
        }
        switch loadBalancing.mode {
        case .standard: mode = .unspecifiedMode
        case .strict: mode = .strict
        case .failover: mode = .failover
        case .passthrough: mode = .passthrough
        }
        healthPolicy = loadBalancing.healthPolicy == .allowAll ? .allowAll : .onlyHealthy
    }
}
