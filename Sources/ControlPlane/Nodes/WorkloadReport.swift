package import MeshAPI
package import MeshModel

/// One workload as a node reports it, checked: every value is usable as it stands.
package struct WorkloadReport: Sendable, Equatable {
    /// Why a reported workload is not taken; the node shows it to whoever enrolled the workload.
    package struct Refusal: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    package let name: String
    package let namespace: String
    package let serviceAccount: String
    package let addresses: [IPAddress]
    package internal(set) var labels: [String: String]
    package internal(set) var ports: [String: UInt16]
    package internal(set) var weight: UInt32
    package internal(set) var locality: String
    package internal(set) var network: String
    /// Whether the node would send it traffic.
    package let isHealthy: Bool
    /// Whether its addresses are those of the host, so that only its ports are its own.
    package let sharesHostAddress: Bool
    /// The WorkloadGroup of its namespace that it was enrolled in; empty for none.
    package let group: String
    /// The probe that `isHealthy` is an outcome of; empty while there is none.
    package let probeVersion: String
    /// What is wrong with its servers, where it is a gateway.
    package let problems: ReportedProblems

    /// Reads the message. Names are checked as names of resources, addresses as IP addresses, ports as 1 to 65535.
    package init(_ message: Ambit_Node_V1_Workload) throws(Refusal) {
        for (what, text) in [
            ("name", message.name), ("namespace", message.namespace), ("service account", message.serviceAccount),
        ] where !(what == "service account" && text.isEmpty) && !NodeName.isValid(text) {
            throw Refusal(
                description:
                    "\(what) \"\(text)\" is not a DNS name (lower-case letters, digits, '-' and '.', at most 253)")
        }
        name = message.name
        namespace = message.namespace
        serviceAccount = message.serviceAccount.isEmpty ? Defaults.serviceAccount : message.serviceAccount
        var addresses: [IPAddress] = []
        for text in message.addresses {
            guard let address = IPAddress(text), Self.isReachable(address) else {
                throw Refusal(description: "address \"\(text)\" is not an IP address that other hosts can reach")
            }
            if !addresses.contains(address) { addresses.append(address) }
        }
        guard !addresses.isEmpty else {
            throw Refusal(description: "it has no IP address; give its network namespace one and report it again")
        }
        self.addresses = addresses
        if let reserved = message.labels.keys.sorted().first(where: { $0.hasPrefix("ambit.io/") }) {
            throw Refusal(description: "label \(reserved) is reserved; leave out labels that begin with ambit.io/")
        }
        labels = message.labels
        var ports: [String: UInt16] = [:]
        for (name, number) in message.ports {
            guard let port = UInt16(exactly: number), port > 0 else {
                throw Refusal(description: "port \(name) is \(number); ports are 1 to 65535")
            }
            ports[name] = port
        }
        self.ports = ports
        weight = message.weight
        guard Locality(message.locality) != nil else {
            throw Refusal(description: "locality \"\(message.locality)\" is not region/zone/subzone")
        }
        locality = message.locality
        network = message.network
        isHealthy = message.healthy
        sharesHostAddress = message.hostNetwork
        guard message.group.isEmpty || NodeName.isValid(message.group) else {
            throw Refusal(description: "group \"\(message.group)\" is not the name of a WorkloadGroup")
        }
        group = message.group
        probeVersion = message.probeVersion
        problems = ReportedProblems(message.problems)
    }

    /// Whether other hosts can reach it: no loopback, link-local, multicast or broadcast address (RFC 6890).
    private static func isReachable(_ address: IPAddress) -> Bool {
        let plain = address.unmapped
        return !unreachable.contains { $0.contains(plain) }
    }

    private static let unreachable = [
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "::/128", "::1/128",
        "fe80::/10", "ff00::/8",
    ].compactMap { CIDR($0) }

    /// `namespace/name`.
    package var key: String { "\(namespace)/\(name)" }
}
