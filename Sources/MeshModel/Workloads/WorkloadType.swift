/// What kind of thing a workload belongs to; a name in telemetry and baggage, nothing else.
package enum WorkloadType: String, Hashable, Sendable {
    /// A set of equal instances.
    case deployment
    /// A job that runs at times.
    case cronjob
    /// A single instance.
    case pod
    /// A job that runs once.
    case job
}
