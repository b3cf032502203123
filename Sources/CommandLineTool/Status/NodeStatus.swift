import MeshModel

/// One node as ambitd's status page reports it.
struct NodeStatus: Equatable, Sendable {
    /// What the node was sent of one type of configuration.
    struct Sync: Equatable, Sendable {
        let type: String
        let state: String
        let resources: Int?
        let lastChange: String?
        let lastError: String?
    }

    /// A workload's certificate that ambitd issued to the node.
    struct Certificate: Equatable, Sendable {
        let identity: String
        let notAfter: String?
    }

    let name: String
    let address: String?
    let version: String?
    /// When the node's present connection began; nil if it has none.
    let connectedSince: String?
    let sync: [Sync]
    let certificateExpires: String?
    let certificates: [Certificate]
    let lastError: String?

    init(_ value: JSONValue) {
        name = value["name"]?.asString ?? ""
        address = value["address"]?.asString
        version = value["version"]?.asString
        connectedSince = value["connectedSince"]?.asString
        sync = (value["sync"]?.elements ?? []).map { sync in
            Sync(
                type: sync["type"]?.asString ?? "", state: sync["state"]?.asString ?? "",
                resources: sync["resources"]?.integer, lastChange: sync["lastChange"]?.asString,
                lastError: Self.text(sync["lastError"]))
        }
        certificateExpires = value["certificateExpires"]?.asString
        certificates = (value["certificates"]?.elements ?? []).map { certificate in
            Certificate(identity: certificate["identity"]?.asString ?? "", notAfter: certificate["notAfter"]?.asString)
        }
        lastError = Self.text(value["lastError"])
    }

    /// The state that a person must look at first: of all types, the worst.
    var worstState: String {
        guard connectedSince != nil else { return "DISCONNECTED" }
        let order = ["REJECTED", "STALE", "NOT SENT", "SYNCED"]
        return order.first { state in sync.contains { $0.state == state } } ?? sync.first?.state ?? "NOT SENT"
    }

    private static func text(_ value: JSONValue?) -> String? {
        value?.asString.flatMap { $0.isEmpty ? nil : $0 }
    }
}
