/// Values that stand for absent ones (Z 5.2).
package enum Defaults {
    /// The trust domain.
    package static let trustDomain = "cluster.local"
    /// The service account.
    package static let serviceAccount = "default"
    /// The cluster.
    package static let clusterID = "Kubernetes"
    /// The suffix of host names.
    package static let clusterDomain = "cluster.local"
}
