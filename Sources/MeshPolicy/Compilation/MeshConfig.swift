/// The mesh-wide settings that compilation reads; defaults are Istio's (I 1.11).
package struct MeshConfig: Sendable, Equatable {
    /// The trust domain of every identity.
    package var trustDomain = "cluster.local"
    /// Policies in this namespace without a selector hold for the whole mesh.
    package var rootNamespace = "istio-system"
    /// The cluster id in workload uids and metrics.
    package var clusterID = "Kubernetes"
    /// The network of workloads that name none.
    package var network = ""
    /// What follows `<name>.<namespace>.svc.` in the host names of services.
    package var domainSuffix = "cluster.local"

    /// The defaults.
    package init() {}
}
