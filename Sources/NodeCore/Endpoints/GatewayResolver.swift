package import MeshModel

/// Finds the workload that stands for a gateway: it may be named by address or host name, as a service or a workload.
package struct GatewayResolver {
    /// What was found.
    package enum Resolution {
        /// A workload and its port, with the service that led to it.
        case found(EndpointChoice, Service?)
        /// A workload of another network.
        case otherNetwork(Workload)
        /// Nothing, or a service without usable endpoints.
        case unknown
    }

    private let snapshot: MeshSnapshot
    private let source: Workload
    private let excluded: Set<String>

    /// A resolver for what `source` calls; workloads whose uids are `excluded` are passed over.
    package init(snapshot: MeshSnapshot, source: Workload, excluded: Set<String>) {
        self.snapshot = snapshot
        self.source = source
        self.excluded = excluded
    }

    /// The workload to call for `gateway`; of a service one endpoint, by weight, of the own network if there is one.
    package func resolve(_ gateway: GatewayAddress, random: inout some RandomNumberGenerator) -> Resolution {
        switch subject(of: gateway) {
        case nil:
            return .unknown
        case .workload(let workload):
            if excluded.contains(workload.uid) { return .unknown }
            if workload.network != source.network { return .otherNetwork(workload) }
            return .found(EndpointChoice(workload: workload, port: gateway.port), nil)
        case .service(let service):
            func choose(network: String?) -> EndpointChoice? {
                EndpointSelection(
                    service, in: snapshot, for: source, port: gateway.port, purpose: .waypoint, excluding: excluded,
                    network: network
                ).choose(random: &random)
            }
            if let choice = choose(network: source.network) { return .found(choice, service) }
            return choose(network: nil).map { .otherNetwork($0.workload) } ?? .unknown
        }
    }

    /// Whether the source is one of the workloads that the gateway stands for: it would only call itself.
    package func isSource(_ gateway: GatewayAddress) -> Bool {
        switch subject(of: gateway) {
        case nil: false
        case .workload(let workload): isSource(workload)
        case .service(let service):
            snapshot.endpoints(of: service.key).contains { isSource($0.workload) }
        }
    }

    private func isSource(_ workload: Workload) -> Bool {
        workload.identity == source.identity && workload.network == source.network
            && workload.addresses.contains { source.addresses.contains($0) }
    }

    /// The service or workload that the gateway names.
    package enum Subject {
        /// A service: its endpoints stand for the gateway.
        case service(Service)
        /// A workload.
        case workload(Workload)
    }

    package func subject(of gateway: GatewayAddress) -> Subject? {
        switch gateway.destination {
        case .hostname(let name):
            if let service = snapshot.service(name) { return .service(service) }
            return snapshot.workload(hostname: name.hostname).map { .workload($0) }
        case .address(let address):
            if let workload = snapshot.workload(at: address, port: gateway.port) { return .workload(workload) }
            return snapshot.service(at: address, from: source.namespace).map { .service($0) }
        }
    }
}
