/// A workload that somebody described or a node reported (I 1.4).
package struct WorkloadEntrySpec: Hashable, Sendable {
    /// An IP address or a DNS name.
    package var address: String
    package var ports: [String: UInt16]
    package var labels: [String: String]
    package var network: String
    /// `region/zone/subzone`.
    package var locality: String
    package var weight: UInt32?
    package var serviceAccount: String

    /// An entry of an address alone.
    package init(address: String) {
        self.address = address
        ports = [:]
        labels = [:]
        network = ""
        locality = ""
        serviceAccount = ""
    }

    /// Reads a whole WorkloadEntry document.
    package init(_ object: JSONValue) throws(SpecError) {
        try self.init(spec: object["spec"] ?? .null, at: FieldPath("spec"))
    }

    /// Reads the fields themselves: an endpoint of a ServiceEntry has the same ones.
    init(spec: JSONValue, at path: FieldPath) throws(SpecError) {
        self.init(address: spec["address"]?.asString ?? "")
        ports = try (spec["ports"] ?? .null).portMap(path.appending(key: "ports"))
        labels = spec["labels"]?.stringMap ?? [:]
        network = spec["network"]?.asString ?? ""
        locality = spec["locality"]?.asString ?? ""
        weight = spec["weight"]?.asInt.flatMap { UInt32(exactly: $0) }
        serviceAccount = spec["serviceAccount"]?.asString ?? ""
    }
}
