package import MeshModel
import SwiftProtobuf

extension Workload {
    /// Takes a workload from the wire and fills in what is absent (Z 5.2). Extensions that are not labels are for others and left out.
    package convenience init(_ message: Istio_Workload_Workload) throws(ConversionError) {
        let reader = FieldReader(resource: message.uid.isEmpty ? "\(message.namespace)/\(message.name)" : message.uid)
        var addresses: [IPAddress] = []
        for bytes in message.addresses { addresses.append(try reader.address(bytes, "addresses")) }
        var services: [ServiceName: [ServicePort]] = [:]
        for (key, list) in message.services {
            guard let name = ServiceName(key) else {
                throw reader.error("services", "\"\(key)\" is not of the form namespace/hostname")
            }
            services[name] = try reader.ports(list.ports, "services[\(key)]")
        }
        var policies: [PolicyName] = []
        for key in message.authorizationPolicies {
            guard let name = PolicyName(key) else {
                throw reader.error("authorization_policies", "\"\(key)\" is not of the form namespace/name")
            }
            policies.append(name)
        }
        self.init(
            uid: try reader.nonEmpty(message.uid, "uid"), name: message.name, namespace: message.namespace,
            addresses: addresses, hostname: message.hostname, network: message.network,
            tunnelProtocol: try Self.tunnelProtocol(message, reader),
            trustDomain: message.trustDomain.isEmpty ? Defaults.trustDomain : message.trustDomain,
            serviceAccount: message.serviceAccount.isEmpty ? Defaults.serviceAccount : message.serviceAccount,
            waypoint: message.hasWaypoint ? try reader.gateway(message.waypoint, "waypoint") : nil,
            networkGateway: message.hasNetworkGateway
                ? try reader.gateway(message.networkGateway, "network_gateway") : nil,
            node: message.node, canonicalName: message.canonicalName, canonicalRevision: message.canonicalRevision,
            workloadType: try Self.workloadType(message, reader), workloadName: message.workloadName,
            hasNativeTunnel: message.nativeTunnel,
            applicationTunnel: try Self.applicationTunnel(message, reader), services: services,
            authorizationPolicies: policies, health: try Self.health(message, reader),
            clusterID: message.clusterID.isEmpty ? Defaults.clusterID : message.clusterID,
            locality: Locality(
                region: message.locality.region, zone: message.locality.zone, subzone: message.locality.subzone),
            networkMode: try Self.networkMode(message, reader),
            capacity: message.hasCapacity ? message.capacity.value : 1, labels: WorkloadLabels(message.extensions))
    }

    private static func tunnelProtocol(
        _ message: Istio_Workload_Workload, _ reader: FieldReader
    ) throws(ConversionError) -> TunnelProtocol {
        switch message.tunnelProtocol {
        case .none: return .tcp
        case .hbone: return .hbone
        case .legacyIstioMtls:
            throw reader.error("tunnel_protocol", "LEGACY_ISTIO_MTLS is the sidecar's and not supported")
        case .UNRECOGNIZED(let value): throw reader.error("tunnel_protocol", "\(value) is not known")
        }
    }

    private static func workloadType(
        _ message: Istio_Workload_Workload, _ reader: FieldReader
    ) throws(ConversionError) -> WorkloadType {
        switch message.workloadType {
        case .deployment: return .deployment
        case .cronjob: return .cronjob
        case .pod: return .pod
        case .job: return .job
        case .UNRECOGNIZED(let value): throw reader.error("workload_type", "\(value) is not known")
        }
    }

    private static func health(
        _ message: Istio_Workload_Workload, _ reader: FieldReader
    ) throws(ConversionError) -> WorkloadHealth {
        switch message.status {
        case .healthy: return .healthy
        case .unhealthy: return .unhealthy
        case .UNRECOGNIZED(let value): throw reader.error("status", "\(value) is not known")
        }
    }

    private static func networkMode(
        _ message: Istio_Workload_Workload, _ reader: FieldReader
    ) throws(ConversionError) -> NetworkMode {
        switch message.networkMode {
        case .standard: return .standard
        case .hostNetwork: return .hostNetwork
        case .UNRECOGNIZED(let value): throw reader.error("network_mode", "\(value) is not known")
        }
    }

    private static func applicationTunnel(
        _ message: Istio_Workload_Workload, _ reader: FieldReader
    ) throws(ConversionError) -> ApplicationTunnel? {
        guard message.hasApplicationTunnel else { return nil }
        let tunnel = message.applicationTunnel
        let port = try reader.port(tunnel.port, "application_tunnel.port")
        switch tunnel.protocol {
        case .none: return ApplicationTunnel(preamble: .none, port: port == 0 ? nil : port)
        case .proxy: return ApplicationTunnel(preamble: .proxy, port: port == 0 ? nil : port)
        case .UNRECOGNIZED(let value): throw reader.error("application_tunnel.protocol", "\(value) is not known")
        }
    }
}
