package import MeshModel

/// The labels of a workload: those that are given for it, and what its record says by other fields. Discovery's wire has no
/// labels, but it has those that subsets are mostly made by (`version`, `app`) and those of topology.
package enum EndpointLabels {
    static let region = "topology.kubernetes.io/region"
    static let zone = "topology.kubernetes.io/zone"
    static let subzone = "topology.istio.io/subzone"
    static let network = "topology.istio.io/network"
    static let cluster = "topology.istio.io/cluster"
    static let hostname = "kubernetes.io/hostname"

    /// The labels of `workload`; `given` win.
    static func labels(of workload: Workload, given: [String: String]?) -> [String: String] {
        var labels = locality(workload.locality)
        labels[network] = workload.network
        labels[cluster] = workload.clusterID
        labels[hostname] = workload.node
        if given == nil {
            labels["app"] = workload.canonicalName
            labels["version"] = workload.canonicalRevision
            labels["service.istio.io/canonical-name"] = workload.canonicalName
            labels["service.istio.io/canonical-revision"] = workload.canonicalRevision
        }
        labels = labels.filter { !$0.value.isEmpty }
        return labels.merging(given ?? [:]) { _, own in own }
    }

    /// The labels of a client, as conditions on clients are compared with them.
    package static func client(_ workload: Workload) -> [String: String] { labels(of: workload, given: nil) }

    /// The labels of a place.
    static func locality(_ locality: Locality) -> [String: String] {
        [region: locality.region, zone: locality.zone, subzone: locality.subzone]
    }
}
