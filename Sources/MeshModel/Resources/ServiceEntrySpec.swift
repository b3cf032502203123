/// A service that the mesh is told of (I 1.4).
package struct ServiceEntrySpec: Hashable, Sendable {
    /// One port.
    package struct Port: Hashable, Sendable {
        package var number: UInt16
        package var protocolName: String?
        package var name: String?
        package var targetPort: UInt16?
    }

    package var hosts: [String]
    package var addresses: [String]
    package var ports: [Port]
    package var location: String?
    package var resolution: String?
    package var endpoints: [WorkloadEntrySpec]
    package var workloadSelector: [String: String]?
    package var exportTo: [String]
    package var subjectAltNames: [String]

    /// Reads a whole ServiceEntry document.
    package init(_ object: JSONValue) throws(SpecError) {
        let spec = object["spec"]
        var ports: [Port] = []
        for (index, port) in (spec?["ports"]?.asArray ?? []).enumerated() {
            let place = FieldPath("spec", "ports").appending(index: index)
            ports.append(
                Port(
                    number: try (port["number"] ?? .null).port(place.appending(key: "number")),
                    protocolName: port["protocol"]?.asString, name: port["name"]?.asString,
                    targetPort: try Self.target(port["targetPort"], place.appending(key: "targetPort"))))
        }
        var endpoints: [WorkloadEntrySpec] = []
        for (index, endpoint) in (spec?["endpoints"]?.asArray ?? []).enumerated() {
            endpoints.append(
                try WorkloadEntrySpec(spec: endpoint, at: FieldPath("spec", "endpoints").appending(index: index)))
        }
        self.ports = ports
        self.endpoints = endpoints
        hosts = spec?["hosts"]?.strings ?? []
        addresses = spec?["addresses"]?.strings ?? []
        location = spec?["location"]?.asString
        resolution = spec?["resolution"]?.asString
        workloadSelector = spec?["workloadSelector"]?["labels"]?.stringMap
        exportTo = spec?["exportTo"]?.strings ?? []
        subjectAltNames = spec?["subjectAltNames"]?.strings ?? []
    }

    private static func target(_ value: JSONValue?, _ path: FieldPath) throws(SpecError) -> UInt16? {
        // In protobuf JSON zero is the absent value.
        guard let value, value != .null, value != .int(0) else { return nil }
        return try value.port(path)
    }
}
