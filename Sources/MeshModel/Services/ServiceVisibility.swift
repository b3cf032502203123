/// Who may see a service.
package enum ServiceVisibility: String, Hashable, Sendable {
    /// Every workload.
    case everyone = "Public"
    /// The workloads of its namespace.
    case namespace = "Namespace"
}
