/// The spec of a WorkloadEntry, and of an endpoint of a ServiceEntry (I 1.4).
package struct WorkloadEntrySpec: Sendable, Hashable {
    /// An IP address, a DNS name, or `unix://` and a path; empty where only the network is known.
    package var address = ""
    /// Ports by the names that the service's ports have.
    package var ports: [String: UInt16] = [:]
    /// Labels, added to those of the metadata.
    package var labels: [String: String] = [:]
    /// The network; empty for the mesh's own.
    package var network = ""
    /// `region/zone/subzone`.
    package var locality = ""
    /// The share of connections; nil for 1.
    package var weight: UInt32?
    /// The service account; empty for `default`.
    package var serviceAccount = ""

    /// An entry of this address and nothing else.
    package init(address: String) {
        self.address = address
    }

    /// Reads the spec of a whole document. Throws every problem found.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(SpecDocument.reader(of: document, findings))
        try findings.check()
    }

    init(_ reader: ObjectReader) {
        address = reader.string("address", about: "The workload's IP address or DNS name.") ?? ""
        if let ports = reader.object(
            "ports", isMap: true, about: "The workload's ports, by the names that the service's ports have.")
        {
            self.ports = Self.ports(ports)
        }
        labels =
            reader.stringMap("labels", about: "Labels that selectors pick it by, added to those of the metadata.")
            ?? [:]
        network = reader.string("network", about: "The network that the address is in; left out, the mesh's own.") ?? ""
        locality = reader.string("locality", about: "Where it is: region, region/zone or region/zone/subzone.") ?? ""
        weight = reader.integer(
            "weight", in: 0...Int64(UInt32.max),
            about: "Its share of connections among the endpoints; 1 where left out."
        ).flatMap(UInt32.init(exactly:))
        serviceAccount =
            reader.string("serviceAccount", about: "The service account that it runs as; default where left out.") ?? ""
        reader.finish()
    }

    private static func ports(_ reader: ObjectReader) -> [String: UInt16] {
        var result: [String: UInt16] = [:]
        for name in reader.names { result[name] = reader.port(name, required: true) }
        return result
    }
}
