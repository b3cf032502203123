import MeshModel

/// A workload of this host as ztunnel reports it on its control socket.
struct EnrolledWorkload: Equatable, Sendable {
    let namespace: String
    let name: String
    /// What kind of thing `target` is: `unit`, `netns` and so on.
    let kind: String
    let target: String
    let serviceAccount: String
    let addresses: [String]
    /// `Available`, `Initializing`, or `Unavailable: reason`.
    let certificate: String?
    /// Whether the control plane has sent this workload back to the node, so that other nodes know it too.
    let isKnownToControlPlane: Bool
    /// Whether ztunnel says that nothing is missing.
    let isReady: Bool
    /// What keeps ztunnel from serving it.
    let problem: String?
    /// Why it takes no connections though nothing is missing: it does not run.
    let note: String?
    /// `http 8080, metrics 9090`
    let ports: String
    /// The file that keeps the enrolment; nil: it was given by command.
    let source: String?

    init(_ value: JSONValue) {
        namespace = value["namespace"]?.asString ?? ""
        name = value["name"]?.asString ?? ""
        kind = value["kind"]?.asString ?? ""
        target = value["target"]?.asString ?? ""
        serviceAccount = value["serviceAccount"]?.asString ?? ""
        addresses = value["addresses"]?.strings ?? []
        certificate = value["certificate"]?.asString
        isKnownToControlPlane = value["knownToControlPlane"] == .bool(true)
        isReady = value["ready"] == .bool(true)
        problem = value["problem"]?.asString.flatMap { $0.isEmpty ? nil : $0 }
        note = value["note"]?.asString
        ports = (value["ports"]?.members ?? []).map { "\($0.name) \($0.value.compactText)" }.joined(separator: ", ")
        source = value["source"]?.asString
    }

    /// What is missing until the workload takes part in the mesh, with the next step for each.
    var missing: [(what: String, next: String)] {
        guard !isReady else { return [] }
        var missing: [(what: String, next: String)] = []
        if let problem {
            missing.append((problem, NodeService.seeLog))
        }
        if let certificate, certificate != "Available" {
            missing.append(
                (
                    "its certificate: \(certificate)",
                    "check that ambitd runs, that CA_ADDRESS points to it, and that this node was granted "
                        + "\(namespace)/\(serviceAccount) (ambitctl node allow)"
                ))
        }
        // What keeps ztunnel or the control plane from taking it is the cause of that, too.
        if !isKnownToControlPlane, problem == nil {
            missing.append(
                (
                    "the control plane has not sent the workload back to this node",
                    "check that ambitd runs and that XDS_ADDRESS points to it; see: ambitctl status"
                ))
        }
        if missing.isEmpty {
            missing.append(("ztunnel does not say what", NodeService.seeLog))
        }
        return missing
    }
}
