/// Whether a workload's address is its own.
package enum NetworkMode: String, Hashable, Sendable {
    /// The address leads to this workload.
    case standard = "Standard"
    /// The address is the host's: the workload is reached through services, and by address only at their ports (Z 3, D4).
    case hostNetwork = "HostNetwork"
}
