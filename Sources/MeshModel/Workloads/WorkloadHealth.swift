/// Whether a workload is ready for connections.
package enum WorkloadHealth: String, Hashable, Sendable {
    /// Ready.
    case healthy = "Healthy"
    /// Passed over, except by services that take all endpoints.
    case unhealthy = "Unhealthy"
}
