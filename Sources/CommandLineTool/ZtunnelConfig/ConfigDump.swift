import MeshModel

/// A ztunnel's config dump (the JSON of its admin page `/config_dump`), by its parts. It reads names only: what a part
/// lacks is shown as `-`, so that dumps of other versions, and of Istio's ztunnel, can be read too.
struct ConfigDump: Sendable {
    let value: JSONValue

    init(_ value: JSONValue) {
        self.value = value
    }

    var workloads: [JSONValue] { elements("workloads") }
    var services: [JSONValue] { elements("services") }
    var policies: [JSONValue] { elements("policies") }
    var certificates: [JSONValue] { elements("certificates") }

    /// The enrolled workloads by uid: state, connections, info.
    var localWorkloads: [(uid: String, state: JSONValue)] {
        (value["workloadState"]?.members ?? []).map { ($0.name, $0.value) }.sorted { $0.uid < $1.uid }
    }

    private func elements(_ name: String) -> [JSONValue] {
        value[name]?.elements ?? []
    }

    /// The name of what a waypoint reference points at: its service's name by VIP (`network/address`) or host name
    /// (`namespace/hostname`), else the address itself.
    func waypointName(_ reference: JSONValue?) -> String {
        guard let reference, reference != .null else { return "None" }
        let destination = reference["destination"] ?? reference
        if let hostname = destination["hostname"]?.asString ?? destination["Hostname"]?["hostname"]?.asString {
            return String(hostname.prefix { $0 != "." })
        }
        guard let address = destination.asString ?? destination["Address"]?.asString else { return "-" }
        let service = services.first { service in
            let name = "\(service["namespace"]?.asString ?? "")/\(service["hostname"]?.asString ?? "")"
            return name == address || (service["vips"]?.strings ?? []).contains(address)
        }
        return service?["name"]?.asString ?? Self.withoutNetwork(address)
    }

    /// `network/address` without its network.
    static func withoutNetwork(_ address: String) -> String {
        address.lastIndex(of: "/").map { String(address[address.index(after: $0)...]) } ?? address
    }
}
