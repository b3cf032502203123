package import MeshModel

/// The addresses that the workloads of this host are reported with (AMBIT_HOST_ADDRESSES).
package enum HostAddressSetting: Equatable, Sendable {
    /// Those that the host is found to have.
    case found
    /// Those that an administrator has chosen.
    case fixed([IPAddress])
}
