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
        hosts = reader.strings("hosts", about: "The DNS names of the service.")
        addresses = reader.strings("addresses", about: "Virtual addresses: IP addresses and CIDR ranges.")
        for port in reader.objects("ports", short: .number("number"), about: "The ports of the service.") {
            ports.append(
                Port(
                    number: port.port("number", required: true, about: "The port of the service.") ?? 0,
                    protocolName: port.string(
                        "protocol", about: "HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP, TLS and the like."),
                    name: port.string("name", about: "The name of the port."),
                    targetPort: port.optionalPort(
                        "targetPort", about: "The port of the endpoint; left out, the same number.")))
            port.finish()
        }
        location = reader.word(
            "location", of: ["MESH_EXTERNAL", "MESH_INTERNAL"],
            about: "Whether its workloads are of the mesh; MESH_EXTERNAL where left out.")
        resolution = reader.word(
            "resolution", of: ["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"],
            about: "How endpoints are found; NONE, where left out, goes to the address that the client chose.")
        endpoints = reader.objects(
            "endpoints", short: .text("address"), about: "The endpoints, where they are written here."
        ).map {
            WorkloadEntrySpec($0)
        }
        if let selector = reader.object(
            "workloadSelector", about: "Which WorkloadEntries of the namespace serve it; instead of endpoints.")
        {
            workloadSelector = selector.stringMap("labels", about: "Labels that all must be there.") ?? [:]
            selector.finish(remedy: "write labels below labels")
        }
        exportTo = reader.strings(
            "exportTo", about: "Namespaces that see it: names, . for its own, * for all; all where left out.")
        subjectAltNames = reader.strings("subjectAltNames", about: "Names that a TLS server may show.")
        reader.finish()
    }
}
