/// Whether a workload's address is its own.
package enum NetworkMode: String, Hashable, Sendable {
    /// The address leads to this workload.
    case standard = "Standard"
    /// The address is the host's: the workload is reached through services and never found by address (Z 3).
    case hostNetwork = "HostNetwork"
}
