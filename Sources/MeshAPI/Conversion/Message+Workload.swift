import FoundationEssentials
package import MeshModel
import SwiftProtobuf

extension Istio_Workload_Workload {
    /// The workload as it goes over the wire. What equals its default is left out, as istiod does.
    package init(_ workload: Workload) {
        self.init()
        uid = workload.uid
        name = workload.name
        namespace = workload.namespace
        addresses = workload.addresses.map { Data($0.bytes) }
        hostname = workload.hostname
        network = workload.network
        tunnelProtocol = workload.tunnelProtocol == .hbone ? .hbone : .none
        trustDomain = workload.trustDomain == Defaults.trustDomain ? "" : workload.trustDomain
        serviceAccount = workload.serviceAccount == Defaults.serviceAccount ? "" : workload.serviceAccount
        if let gateway = workload.waypoint { waypoint = Istio_Workload_GatewayAddress(gateway) }
        if let gateway = workload.networkGateway { networkGateway = Istio_Workload_GatewayAddress(gateway) }
        node = workload.node
        canonicalName = workload.canonicalName
        canonicalRevision = workload.canonicalRevision
        switch workload.workloadType {
        case .deployment: workloadType = .deployment
        case .cronjob: workloadType = .cronjob
        case .pod: workloadType = .pod
        case .job: workloadType = .job
        }
        workloadName = workload.workloadName
        nativeTunnel = workload.hasNativeTunnel
        if let tunnel = workload.applicationTunnel {
            applicationTunnel.protocol = tunnel.preamble == .proxy ? .proxy : .none
            applicationTunnel.port = UInt32(tunnel.port ?? 0)
        }
        for (service, ports) in workload.services {
            services[service.description] = .with { $0.ports = ports.map(Istio_Workload_Port.init) }
        }
        authorizationPolicies = workload.authorizationPolicies.map(\.description)
        status = workload.health == .healthy ? .healthy : .unhealthy
        clusterID = workload.clusterID == Defaults.clusterID ? "" : workload.clusterID
        if !workload.locality.isEmpty {
            locality.region = workload.locality.region
            locality.zone = workload.locality.zone
            locality.subzone = workload.locality.subzone
        }
        networkMode = workload.networkMode == .hostNetwork ? .hostNetwork : .standard
        if workload.capacity != 1 { capacity = .init(workload.capacity) }
        extensions = workload.labels.all.map(Istio_Workload_Extension.init)
    }
}

extension Istio_Workload_Port {
    init(_ port: ServicePort) {
        self.init()
        servicePort = UInt32(port.port)
        targetPort = UInt32(port.targetPort)
        switch port.applicationProtocol {
        case .unknown: appProtocol = .unknown
        case .http11: appProtocol = .http11
        case .http2: appProtocol = .http2
        case .grpc: appProtocol = .grpc
        }
    }
}

extension Istio_Workload_GatewayAddress {
    init(_ gateway: GatewayAddress) {
        self.init()
        hboneMtlsPort = UInt32(gateway.port)
        switch gateway.destination {
        case .hostname(let service):
            hostname.namespace = service.namespace
            hostname.hostname = service.hostname
        case .address(let networkAddress):
            address = Istio_Workload_NetworkAddress(networkAddress)
        }
    }
}

extension Istio_Workload_NetworkAddress {
    init(_ networkAddress: NetworkAddress) {
        self.init()
        network = networkAddress.network
        address = Data(networkAddress.ip.bytes)
    }
}
