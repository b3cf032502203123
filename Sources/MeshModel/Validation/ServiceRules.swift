/// The rules of a Service (Kubernetes core v1, as far as they matter without kube-proxy).
enum ServiceRules {
    static func check(_ reader: ObjectReader) {
        let spec = ServiceSpec(reader)
        checkPorts(spec, reader)
        LabelRules.check(spec.selector, at: reader.path.appending(key: "selector"), reader.findings)
        checkAddresses(spec, reader)
        for (index, family) in spec.ipFamilies.enumerated() where family != "IPv4" && family != "IPv6" {
            reader.findings.add(
                FieldProblem(
                    path: reader.path.appending(key: "ipFamilies").appending(index: index), value: family,
                    problem: "is no address family", remedy: "use IPv4 or IPv6", reason: .notSupported))
        }
        let distributions = ["PreferClose", "PreferSameZone", "PreferSameNode"]
        if let wish = spec.trafficDistribution, !distributions.contains(wish) {
            reader.problem(
                "trafficDistribution", value: wish, "is not supported",
                remedy: "use one of " + distributions.joined(separator: ", "), reason: .notSupported)
        }
        switch spec.type {
        case "NodePort"?, "LoadBalancer"?:
            reader.warn("type", "acts as ClusterIP here: services are reached from enrolled workloads only")
        case "ExternalName"?:
            if let name = spec.externalName, !name.isEmpty {
                if let problem = NameRules.host(name, allowsWildcard: false) {
                    reader.problem(
                        "externalName", value: name, problem, remedy: "use a DNS name such as db.example.com")
                }
            } else {
                reader.problem(
                    "externalName", "is required with type ExternalName", remedy: "give the DNS name it stands for",
                    reason: .required)
            }
            reader.warn("type", "ExternalName is not served; write a ServiceEntry with resolution DNS instead")
        default:
            if spec.selector.isEmpty {
                reader.warn(
                    "selector", "is missing, so the service has no endpoints; select WorkloadEntries by their labels")
            }
        }
    }

    private static func checkPorts(_ spec: ServiceSpec, _ reader: ObjectReader) {
        let path = reader.path.appending(key: "ports")
        let isHeadless = spec.clusterIP == "None" || spec.clusterIPs.first == "None"
        if spec.ports.isEmpty, spec.type != "ExternalName", !isHeadless {
            reader.problem(
                "ports", "is required", remedy: "give at least one port, such as {name: http, port: 80}",
                reason: .required)
        }
        var names: Set<String> = []
        var numbers: Set<String> = []
        for (index, port) in spec.ports.enumerated() {
            let place = path.appending(index: index)
            let name = port.name ?? ""
            if name.isEmpty, spec.ports.count > 1 {
                reader.findings.add(
                    FieldProblem(
                        path: place.appending(key: "name"), problem: "is required where there are several ports",
                        remedy: "give each port a name such as http", reason: .required))
            } else if !name.isEmpty {
                if let problem = NameRules.label(name) {
                    reader.findings.add(
                        FieldProblem(
                            path: place.appending(key: "name"), value: name, problem: problem,
                            remedy: "use a name such as http or tcp-db"))
                }
                if !names.insert(name).inserted {
                    reader.findings.add(
                        FieldProblem(
                            path: place.appending(key: "name"), value: name, problem: "is the name of another port too",
                            remedy: "give each port its own name", reason: .duplicate))
                }
            }
            let transport = port.transport ?? "TCP"
            if port.port != 0, !numbers.insert("\(port.port)/\(transport)").inserted {
                reader.findings.add(
                    FieldProblem(
                        path: place.appending(key: "port"), value: "\(port.port)",
                        problem: "is the number of another \(transport) port too", remedy: "remove one of the two",
                        reason: .duplicate))
            }
            if case .name(let target)? = port.targetPort, let problem = NameRules.label(target) {
                reader.findings.add(
                    FieldProblem(
                        path: place.appending(key: "targetPort"), value: target, problem: problem,
                        remedy: "use a number, or the name of a port of the WorkloadEntries"))
            }
            if transport != "TCP" {
                reader.findings.warn(place.appending(key: "protocol"), "\(transport) is not carried; only TCP is")
            }
        }
    }

    private static func checkAddresses(_ spec: ServiceSpec, _ reader: ObjectReader) {
        let written =
            (spec.clusterIP.map { [("clusterIP", nil as Int?, $0)] } ?? [])
            + spec.clusterIPs.enumerated().map { ("clusterIPs", $0.offset, $0.element) }
        for (key, index, address) in written where address != "None" && IPAddress(address) == nil {
            let field = reader.path.appending(key: key)
            reader.findings.add(
                FieldProblem(
                    path: index.map { field.appending(index: $0) } ?? field, value: address,
                    problem: "is no IP address",
                    remedy: "give an address, None for a headless service, or leave it out to have one allocated"))
        }
        if let one = spec.clusterIP, let first = spec.clusterIPs.first, one != first {
            reader.problem(
                "clusterIPs", value: first, "does not begin with clusterIP \(one)", remedy: "make the two equal")
        }
    }
}
