package import MeshModel

/// The labels of a workload: its own, and what its record says by other fields, which are those of topology and the canonical name and
/// revision. Istio's control plane sends no labels: then `app` and `version`, which subsets are mostly made by, are the canonical ones.
package enum EndpointLabels {
    static let region = "topology.kubernetes.io/region"
    static let zone = "topology.kubernetes.io/zone"
    static let subzone = "topology.istio.io/subzone"
    static let network = "topology.istio.io/network"
    static let cluster = "topology.istio.io/cluster"
    static let hostname = "kubernetes.io/hostname"

    /// The labels of `workload`, an endpoint or a client; its own win.
    package static func labels(of workload: Workload) -> [String: String] {
        var labels = locality(workload.locality)
        labels[network] = workload.network
        labels[cluster] = workload.clusterID
        labels[hostname] = workload.node
        labels["service.istio.io/canonical-name"] = workload.canonicalName
        labels["service.istio.io/canonical-revision"] = workload.canonicalRevision
        if workload.labels.isEmpty {
            labels["app"] = workload.canonicalName
            labels["version"] = workload.canonicalRevision
        }
        labels = labels.filter { !$0.value.isEmpty }
        return labels.merging(workload.labels.values) { _, own in own }
    }

    /// The labels of a place.
    static func locality(_ locality: Locality) -> [String: String] {
        [region: locality.region, zone: locality.zone, subzone: locality.subzone]
    }
}
