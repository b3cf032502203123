import MeshModel

/// A workload on its way: one WorkloadEntry, or one endpoint of a ServiceEntry.
struct WorkloadDraft {
    /// The WorkloadEntry, or the ServiceEntry that the endpoint is in.
    let resource: Resource
    let uid: String
    /// Labels of entry and spec together; the spec's win.
    let labels: [String: String]
    let spec: WorkloadEntrySpec
    /// All IP addresses; empty where `hostname` is to be resolved.
    let addresses: [IPAddress]
    let hostname: String
    let isHealthy: Bool
    /// The services that it belongs to without being selected: the hosts of its own ServiceEntry.
    let ownServices: [ServiceDraft]

    /// From a WorkloadEntry. nil, with the reason, where it cannot be reached at all.
    static func make(_ resource: Resource, _ spec: WorkloadEntrySpec, mesh: MeshConfig) -> Result<Self, Refusal> {
        let metadata = resource.metadata
        let more =
            metadata.annotations["ambit.io/addresses"].map { $0.split(separator: ",").map(\.trimmingSpaces) } ?? []
        return make(
            resource, spec, name: "WorkloadEntry/\(metadata.namespace)/\(metadata.name)",
            labels: metadata.labels.merging(spec.labels) { _, own in own }, more: more,
            isHealthy: WorkloadEntryHealth.isHealthy(resource.object), ownServices: [], mesh: mesh)
    }

    /// From an endpoint of a ServiceEntry, or from a host of it that is its own endpoint.
    static func make(
        endpoint spec: WorkloadEntrySpec, of resource: Resource, services: [ServiceDraft], mesh: MeshConfig
    ) -> Result<Self, Refusal> {
        make(
            resource, spec,
            name: "ServiceEntry/\(resource.metadata.namespace)/\(resource.metadata.name)/\(spec.address)",
            labels: spec.labels, more: [], isHealthy: true, ownServices: services, mesh: mesh)
    }

    /// Why an entry is no workload.
    struct Refusal: Error {
        let message: String
    }

    private static func make(
        _ resource: Resource, _ spec: WorkloadEntrySpec, name: String, labels: [String: String], more: [String],
        isHealthy: Bool, ownServices: [ServiceDraft], mesh: MeshConfig
    ) -> Result<Self, Refusal> {
        guard !spec.address.isEmpty else {
            return .failure(
                Refusal(message: "it has no address; endpoints behind a network gateway are not served by this version")
            )
        }
        guard !spec.address.hasPrefix("unix:") else {
            return .failure(Refusal(message: "address \(spec.address) is a Unix socket, which the mesh does not reach"))
        }
        let first = IPAddress(spec.address)
        var addresses = first.map { [$0] } ?? []
        for text in more {
            guard let address = IPAddress(text) else {
                return .failure(
                    Refusal(message: "\"\(text)\" in the annotation ambit.io/addresses is not an IP address"))
            }
            if !addresses.contains(address) { addresses.append(address) }
        }
        return .success(
            WorkloadDraft(
                resource: resource, uid: "\(mesh.clusterID)/networking.istio.io/\(name)", labels: labels, spec: spec,
                addresses: addresses, hostname: first == nil ? spec.address : "", isHealthy: isHealthy,
                ownServices: ownServices))
    }

    /// HBONE where a node of ours hosts it, or where it says that it speaks it (I 1.0).
    var tunnel: (kind: TunnelProtocol, isNative: Bool) {
        if labels["networking.istio.io/tunnel"] == "http" { return (.hbone, true) }
        let annotations = resource.metadata.annotations
        if resource.kind == .workloadEntry,
            node != "" || annotations["ambient.istio.io/redirection"] == "enabled"
        {
            return (.hbone, false)
        }
        return (.tcp, false)
    }

    /// Whether its addresses are the host's, so that only the ports of its services are its own (DESIGN D4).
    var networkMode: NetworkMode {
        let isHost = resource.kind == .workloadEntry && resource.metadata.annotations["ambit.io/host-network"] == "true"
        return isHost ? .hostNetwork : .standard
    }

    /// The node that reported it, empty for entries that were written by hand.
    var node: String { resource.kind == .workloadEntry ? resource.metadata.labels["ambit.io/node"] ?? "" : "" }
}
