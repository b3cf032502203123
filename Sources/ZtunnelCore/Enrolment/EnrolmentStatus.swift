package import LinuxSystem
package import MeshModel

/// One enrolment as the control socket shows it.
package struct EnrolmentStatus: Sendable {
    /// What was asked for.
    package let record: EnrolmentRecord
    /// The addresses at which it can be reached, as last found.
    package let addresses: [IPAddress]
    /// The ports that it serves, by name: those that were given, else those that it listens on.
    package let ports: [String: UInt16]
    /// Whether the addresses are the host's: only its ports are the workload's own.
    package let sharesHost: Bool
    /// Why the workload is not served, nil while it is.
    package let problem: String?
    /// Why it takes no connections though it is captured and served: it does not run.
    package let note: String?
    /// Where its sockets are, while it is served; nil: in the process's own network namespace.
    package let namespace: NetworkNamespace?

    /// A state of an enrolment.
    package init(
        record: EnrolmentRecord, addresses: [IPAddress], ports: [String: UInt16]? = nil, sharesHost: Bool = false,
        problem: String?, note: String? = nil, namespace: NetworkNamespace? = nil
    ) {
        self.record = record
        self.addresses = addresses
        self.ports = ports ?? record.ports
        self.sharesHost = sharesHost
        self.problem = problem
        self.note = note
        self.namespace = namespace
    }

    /// The names of ports that were found: `tcp-8080`.
    package static func named(_ ports: [UInt16]) -> [String: UInt16] {
        Dictionary(ports.map { ("tcp-\($0)", $0) }) { first, _ in first }
    }
}
