/// The spec of a ServiceEntry: a service by host names, inside or outside the mesh (I 1.4).
package struct ServiceEntrySpec: Sendable, Hashable {
    /// One port.
    package struct Port: Sendable, Hashable {
        /// The port of the service.
        package var number: UInt16
        /// HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, MONGO, TCP, TLS, UDP and the like, as written.
        package var protocolName: String?
        /// The name.
        package var name: String?
        /// The port of the endpoint; the same number where absent.
        package var targetPort: UInt16?
    }

    /// The host names.
    package var hosts: [String] = []
    /// Virtual addresses: IP addresses and CIDR ranges.
    package var addresses: [String] = []
    /// The ports.
    package var ports: [Port] = []
    /// MESH_EXTERNAL (also where absent) or MESH_INTERNAL.
    package var location: String?
    /// NONE (also where absent), STATIC, DNS, DNS_ROUND_ROBIN or DYNAMIC_DNS.
    package var resolution: String?
    /// The endpoints, where they are written here.
    package var endpoints: [WorkloadEntrySpec] = []
    /// Labels of the WorkloadEntries that serve it; nil where none are selected.
    package var workloadSelector: [String: String]?
    /// Namespaces that see it; empty for all.
    package var exportTo: [String] = []
    /// Names that a TLS server may show.
    package var subjectAltNames: [String] = []

    /// Reads the spec of a whole document. Throws every problem found.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(SpecDocument.reader(of: document, findings))
        try findings.check()
    }

    init(_ reader: ObjectReader) {
        hosts = reader.strings("hosts")
        addresses = reader.strings("addresses")
        for port in reader.objects("ports") {
            ports.append(
                Port(
                    number: port.port("number", required: true) ?? 0, protocolName: port.string("protocol"),
                    name: port.string("name"), targetPort: port.optionalPort("targetPort")))
            port.finish()
        }
        location = reader.word("location", of: ["MESH_EXTERNAL", "MESH_INTERNAL"])
        resolution = reader.word("resolution", of: ["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"])
        endpoints = reader.objects("endpoints").map { WorkloadEntrySpec($0) }
        if let selector = reader.object("workloadSelector") {
            workloadSelector = selector.stringMap("labels") ?? [:]
            selector.finish()
        }
        exportTo = reader.strings("exportTo")
        subjectAltNames = reader.strings("subjectAltNames")
        reader.finish()
    }
}
