package import LinuxSystem

/// Where a workload's sockets are made, and so what it shares with others.
package enum WorkloadPlace: Sendable {
    /// A network namespace of its own.
    case namespace(NetworkNamespace)
    /// The network namespace of the process itself, which it has to itself (PROXY_MODE=dedicated).
    case own
    /// The host's network namespace, which is that of the process itself, together with others (DESIGN D4).
    case host(HostPlace)

    /// The namespace to enter for its sockets; nil where the process is in it.
    package var networkNamespace: NetworkNamespace? {
        if case .namespace(let namespace) = self { namespace } else { nil }
    }

    /// What belongs to it on the host; nil where it shares nothing.
    package var host: HostPlace? {
        if case .host(let place) = self { place } else { nil }
    }
}
