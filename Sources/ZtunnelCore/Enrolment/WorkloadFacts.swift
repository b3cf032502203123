package import LinuxSystem
package import MeshModel

/// What the node has found out about a workload before it takes it, and compares with later.
package enum WorkloadFacts: Sendable {
    /// It has a network namespace of its own.
    case namespace(NamespaceFacts, NamespaceTarget)
    /// It is in the host's.
    case host(HostFacts)

    /// The addresses that other hosts can reach it at.
    package var addresses: [IPAddress] {
        switch self {
        case .namespace(let facts, _): facts.addresses
        case .host(let facts): facts.addresses
        }
    }

    /// The network namespace that it has to itself.
    package var namespace: NetworkNamespace? {
        if case .namespace(let facts, _) = self { facts.namespace } else { nil }
    }

    /// The identity of the network namespace that it has to itself.
    package var namespaceIdentity: NetworkNamespace.Identity? { namespace?.identity }

    /// Where the resolver settings of its programs are, best first.
    package var resolverFiles: [String] {
        switch self {
        case .namespace(_, let target): target.resolverFiles
        case .host: ["/etc/resolv.conf"]
        }
    }

    /// The ports that it was seen to listen on, and that others can reach.
    package var listeningPorts: [UInt16] {
        switch self {
        case .namespace(let facts, _): facts.listening
        case .host(let facts): facts.listening.filter { !$0.isLoopback }.map(\.port)
        }
    }

    /// What an administrator should know though it is captured; the workload takes no connections then.
    package var note: String? {
        if case .host(let facts) = self { facts.note } else { nil }
    }
}
