/// A Kubernetes Service as hosts use it: names and ports in front of the workloads that its selector finds.
package struct ServiceSpec: Hashable, Sendable {
    /// The port of the workload that a service port leads to.
    package enum TargetPort: Hashable, Sendable {
        case number(UInt16)
        /// A name among the workload's ports.
        case name(String)
    }

    /// One port.
    package struct Port: Hashable, Sendable {
        package var name: String?
        package var port: UInt16
        package var targetPort: TargetPort?
        /// `TCP`, `UDP` or `SCTP`; nil means TCP.
        package var transport: String?
        package var appProtocol: String?
    }

    package var ports: [Port]
    package var selector: [String: String]
    package var clusterIP: String?
    package var clusterIPs: [String]
    package var type: String?
    package var externalName: String?
    package var trafficDistribution: String?
    package var internalTrafficPolicy: String?
    package var publishNotReadyAddresses: Bool
    package var ipFamilies: [String]
    package var ipFamilyPolicy: String?

    /// Reads a whole Service document.
    package init(_ object: JSONValue) throws(SpecError) {
        let spec = object["spec"]
        let path = FieldPath("spec", "ports")
        var ports: [Port] = []
        for (index, port) in (spec?["ports"]?.asArray ?? []).enumerated() {
            let place = path.appending(index: index)
            var target: TargetPort?
            switch port["targetPort"] {
            case nil, .null?: break
            case .string(let name)?: target = .name(name)
            case let number?: target = .number(try number.port(place.appending(key: "targetPort")))
            }
            ports.append(
                Port(
                    name: port["name"]?.asString, port: try (port["port"] ?? .null).port(place.appending(key: "port")),
                    targetPort: target, transport: port["protocol"]?.asString,
                    appProtocol: port["appProtocol"]?.asString))
        }
        self.ports = ports
        selector = spec?["selector"]?.stringMap ?? [:]
        clusterIP = spec?["clusterIP"]?.asString
        clusterIPs = spec?["clusterIPs"]?.strings ?? []
        type = spec?["type"]?.asString
        externalName = spec?["externalName"]?.asString
        trafficDistribution = spec?["trafficDistribution"]?.asString
        internalTrafficPolicy = spec?["internalTrafficPolicy"]?.asString
        publishNotReadyAddresses = spec?["publishNotReadyAddresses"]?.asBool ?? false
        ipFamilies = spec?["ipFamilies"]?.strings ?? []
        ipFamilyPolicy = spec?["ipFamilyPolicy"]?.asString
    }
}
