/// The spec of a Service, Kubernetes core v1, with the fields that a mesh reads.
package struct ServiceSpec: Sendable, Hashable {
    /// How a service port finds the workload's port.
    package enum TargetPort: Sendable, Hashable {
        case number(UInt16)
        case name(String)
    }

    /// One port.
    package struct Port: Sendable, Hashable {
        /// The name; required where there are several ports.
        package var name: String?
        /// The port of the service.
        package var port: UInt16
        /// The port of the workload; the same number where absent.
        package var targetPort: TargetPort?
        /// TCP, UDP or SCTP; TCP where absent.
        package var transport: String?
        /// The application protocol.
        package var appProtocol: String?
    }

    /// The ports.
    package var ports: [Port] = []
    /// Labels of the workloads that serve it; empty for none.
    package var selector: [String: String] = [:]
    /// An address, or `None` for a headless service; nil where it is to be allocated.
    package var clusterIP: String?
    /// All addresses of a dual-stack service.
    package var clusterIPs: [String] = []
    /// ClusterIP, NodePort, LoadBalancer or ExternalName.
    package var type: String?
    /// The other name of a service of type ExternalName.
    package var externalName: String?
    /// PreferClose, PreferSameZone or PreferSameNode.
    package var trafficDistribution: String?
    /// Cluster or Local.
    package var internalTrafficPolicy: String?
    /// Whether workloads that are not healthy are used too.
    package var publishNotReadyAddresses = false
    /// IPv4, IPv6.
    package var ipFamilies: [String] = []
    /// SingleStack, PreferDualStack or RequireDualStack.
    package var ipFamilyPolicy: String?

    /// Reads the spec of a whole document. Throws every problem found.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(SpecDocument.reader(of: document, findings))
        try findings.check()
    }

    init(_ reader: ObjectReader) {
        for port in reader.objects(
            "ports", mergeKey: "port", short: .number("port"), about: "The ports of the service.")
        {
            ports.append(Port(port))
        }
        selector =
            reader.stringMap(
                "selector", about: "Labels of the WorkloadEntries that serve it; without one it has no endpoints.")
            ?? [:]
        clusterIP = reader.string(
            "clusterIP", about: "An address, None for a headless service; left out, one is allocated."
        ).flatMap { $0.isEmpty ? nil : $0 }
        clusterIPs = reader.strings("clusterIPs", about: "All addresses of a dual-stack service, clusterIP first.")
        type = reader.word(
            "type", of: ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"],
            about: "NodePort and LoadBalancer act as ClusterIP here; ExternalName is not served, use a ServiceEntry.")
        externalName = reader.string(
            "externalName", about: "The DNS name that a service of type ExternalName stands for.")
        trafficDistribution = reader.string(
            "trafficDistribution",
            about: "Which endpoints are preferred: PreferClose, PreferSameZone or PreferSameNode.")
        internalTrafficPolicy = reader.word(
            "internalTrafficPolicy", of: ["Cluster", "Local"],
            about: "Local takes only endpoints on the client's own host.")
        publishNotReadyAddresses =
            reader.bool(
                "publishNotReadyAddresses", about: "Whether workloads that are not healthy are used too.") ?? false
        ipFamilies = reader.strings("ipFamilies", about: "IPv4, IPv6.")
        ipFamilyPolicy = reader.word(
            "ipFamilyPolicy", of: ["SingleStack", "PreferDualStack", "RequireDualStack"],
            about: "Whether it has addresses of both families.")
        if reader.word(
            "sessionAffinity", of: ["None", "ClientIP"],
            about: "Accepted, but ClientIP has no effect here: each connection is balanced on its own.") == "ClientIP"
        {
            reader.warn("sessionAffinity", "has no effect here: each connection is balanced on its own")
        }
        for key in [
            "externalIPs", "sessionAffinityConfig", "loadBalancerIP", "loadBalancerSourceRanges", "loadBalancerClass",
            "externalTrafficPolicy", "healthCheckNodePort", "allocateLoadBalancerNodePorts",
        ] {
            reader.ignore(key, because: "has no effect here: services are reached from enrolled workloads only")
        }
        reader.finish()
    }
}

extension ServiceSpec.Port {
    fileprivate init(_ reader: ObjectReader) {
        name = reader.string("name", about: "The name; required where there are several ports.")
        port = reader.port("port", required: true, about: "The port of the service.") ?? 0
        transport = reader.word(
            "protocol", of: ["TCP", "UDP", "SCTP"], about: "TCP where left out; the others are not carried.")
        appProtocol = reader.string("appProtocol", about: "The application protocol, such as http or grpc.")
        reader.describe(
            "targetPort", .integerOrString,
            about:
                "The workload's port, by number or by the name that its WorkloadEntry gives it; left out, the same number."
        )
        switch reader.value("targetPort") {
        case nil: targetPort = nil
        case .int?: targetPort = reader.port("targetPort").map(ServiceSpec.TargetPort.number)
        case .string?: targetPort = reader.string("targetPort").map(ServiceSpec.TargetPort.name)
        case let other?:
            reader.problem(
                "targetPort", "is \(other.typeName), not a number or a string",
                remedy: "write the number or the name of a port")
        }
        reader.ignore("nodePort", because: "has no effect here: services are reached from enrolled workloads only")
        reader.finish()
    }
}
