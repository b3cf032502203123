/// One instance that takes or opens connections, as discovery describes it (Z 5.2).
///
/// Immutable; a reference, so that each connection can hold the record that it was decided by.
package final class Workload: Sendable {
    /// Stable and unique in the mesh; the resource's name.
    package let uid: String
    /// The instance's name.
    package let name: String
    /// Its namespace.
    package let namespace: String
    /// Its addresses, in the order given.
    package let addresses: [IPAddress]
    /// A name to resolve where there is no address; empty for none.
    package let hostname: String
    /// The network of the addresses; empty is the default one.
    package let network: String
    /// How connections reach it.
    package let tunnelProtocol: TunnelProtocol
    /// Who it is.
    package let identity: SPIFFEIdentity
    /// Where connections addressed to it must pass first.
    package let waypoint: GatewayAddress?
    /// The way in from other networks.
    package let networkGateway: GatewayAddress?
    /// The host that it runs on.
    package let node: String
    /// The name that telemetry groups it under.
    package let canonicalName: String
    /// The version that telemetry groups it under.
    package let canonicalRevision: String
    /// What kind of thing it belongs to.
    package let workloadType: WorkloadType
    /// The name of that thing.
    package let workloadName: String
    /// Whether it terminates HBONE itself.
    package let hasNativeTunnel: Bool
    /// How it wants to be told about connections.
    package let applicationTunnel: ApplicationTunnel?
    /// The services that it is an endpoint of, with its ports in each.
    package let services: [ServiceName: [ServicePort]]
    /// The policies that select it. One that is not in the snapshot denies (D11).
    package let authorizationPolicies: [PolicyName]
    /// Whether it is ready.
    package let health: WorkloadHealth
    /// The cluster or site that it belongs to.
    package let clusterID: String
    /// Where it runs.
    package let locality: Locality
    /// Whether its address is its own.
    package let networkMode: NetworkMode
    /// Its share of a service's connections, relative to the other endpoints; zero takes none.
    package let capacity: UInt32
    /// What subsets and conditions on clients tell it by. Empty also where the control plane does not say.
    package let labels: WorkloadLabels

    /// A workload. What is not given has the default that discovery gives it (Z 5.2).
    package init(
        uid: String, name: String, namespace: String, addresses: [IPAddress] = [], hostname: String = "",
        network: String = "", tunnelProtocol: TunnelProtocol = .tcp, trustDomain: String = Defaults.trustDomain,
        serviceAccount: String = Defaults.serviceAccount, waypoint: GatewayAddress? = nil,
        networkGateway: GatewayAddress? = nil, node: String = "", canonicalName: String = "",
        canonicalRevision: String = "", workloadType: WorkloadType = .deployment, workloadName: String = "",
        hasNativeTunnel: Bool = false, applicationTunnel: ApplicationTunnel? = nil,
        services: [ServiceName: [ServicePort]] = [:], authorizationPolicies: [PolicyName] = [],
        health: WorkloadHealth = .healthy, clusterID: String = Defaults.clusterID, locality: Locality = Locality(),
        networkMode: NetworkMode = .standard, capacity: UInt32 = 1, labels: WorkloadLabels = WorkloadLabels()
    ) {
        self.uid = uid
        self.name = name
        self.namespace = namespace
        self.addresses = addresses
        self.hostname = hostname
        self.network = network
        self.tunnelProtocol = tunnelProtocol
        self.identity = SPIFFEIdentity(
            trustDomain: trustDomain, namespace: namespace, serviceAccount: serviceAccount)
        self.waypoint = waypoint
        self.networkGateway = networkGateway
        self.node = node
        self.canonicalName = canonicalName
        self.canonicalRevision = canonicalRevision
        self.workloadType = workloadType
        self.workloadName = workloadName
        self.hasNativeTunnel = hasNativeTunnel
        self.applicationTunnel = applicationTunnel
        self.services = services
        self.authorizationPolicies = authorizationPolicies
        self.health = health
        self.clusterID = clusterID
        self.locality = locality
        self.networkMode = networkMode
        self.capacity = capacity
        self.labels = labels
    }

    /// Where it takes tunnels: a gateway, which is its own waypoint and shares its host's address with a ztunnel, at a port of its own.
    package var tunnelPort: UInt16 {
        guard let waypoint, case .hostname(let name) = waypoint.destination,
            let own = services[name]?.first(where: { $0.port == waypoint.port }), own.targetPort != 0
        else { return Ports.hbone }
        return own.targetPort
    }

    /// The trust domain of its identity.
    package var trustDomain: String { identity.trustDomain }
    /// The service account of its identity.
    package var serviceAccount: String { identity.serviceAccount }
}

extension Workload: Equatable {
    /// Equal in every field.
    package static func == (left: Workload, right: Workload) -> Bool {
        if left === right { return true }
        return left.uid == right.uid && left.name == right.name && left.addresses == right.addresses
            && left.hostname == right.hostname && left.network == right.network
            && left.tunnelProtocol == right.tunnelProtocol && left.identity == right.identity
            && left.waypoint == right.waypoint && left.networkGateway == right.networkGateway
            && left.node == right.node && left.canonicalName == right.canonicalName
            && left.canonicalRevision == right.canonicalRevision && left.workloadType == right.workloadType
            && left.workloadName == right.workloadName && left.hasNativeTunnel == right.hasNativeTunnel
            && left.applicationTunnel == right.applicationTunnel && left.services == right.services
            && left.authorizationPolicies == right.authorizationPolicies && left.health == right.health
            && left.clusterID == right.clusterID && left.locality == right.locality
            && left.networkMode == right.networkMode && left.capacity == right.capacity
            && left.labels == right.labels
    }
}

extension Workload: CustomStringConvertible {
    package var description: String { "\(namespace)/\(name)" }
}
