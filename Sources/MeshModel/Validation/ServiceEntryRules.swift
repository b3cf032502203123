/// The rules of a ServiceEntry (I 3.2 and the CEL rules of its CRD).
enum ServiceEntryRules {
    /// As many hosts as Istio's schema allows.
    static let mostHosts = 256
    private static let protocols = [
        "HTTP", "HTTPS", "GRPC", "GRPC-WEB", "HTTP2", "HTTP_PROXY", "MONGO", "MYSQL", "REDIS", "TCP", "TLS", "UDP",
    ]
    /// Protocols whose connections say which host they are for.
    private static let selfDescribing: Set<String> = ["HTTP", "HTTPS", "GRPC", "GRPC-WEB", "HTTP2", "TLS"]

    static func check(_ reader: ObjectReader, metadata: ResourceMetadata) {
        let spec = ServiceEntrySpec(reader)
        let check = Check(spec: spec, path: reader.path, findings: reader.findings)
        check.hosts()
        check.addresses()
        check.ports()
        check.endpoints()
        check.resolution()
        ExportToRules.check(
            spec.exportTo, namespace: metadata.namespace, at: reader.path.appending(key: "exportTo"), reader.findings)
    }

    private struct Check {
        let spec: ServiceEntrySpec
        let path: FieldPath
        let findings: Findings

        private func add(_ place: FieldPath, _ value: String?, _ problem: String, _ remedy: String) {
            findings.add(FieldProblem(path: place, value: value, problem: problem, remedy: remedy))
        }

        private var resolutionName: String { spec.resolution ?? "NONE" }

        func hosts() {
            let place = path.appending(key: "hosts")
            if spec.hosts.isEmpty {
                findings.add(
                    FieldProblem(
                        path: place, problem: "is required", remedy: "give at least one host name", reason: .required))
            }
            if spec.hosts.count > mostHosts {
                add(
                    place, "\(spec.hosts.count)", "hosts are too many", "write at most \(mostHosts) in one ServiceEntry"
                )
            }
            var seen: Set<String> = []
            for (index, host) in spec.hosts.enumerated() {
                let one = place.appending(index: index)
                if host == "*" {
                    add(one, host, "stands for every host", "name the hosts, or use a wildcard such as *.example.com")
                } else if IPAddress(host) != nil {
                    add(one, host, "is an address, not a host name", "put it into addresses and give a name here")
                } else if let problem = NameRules.host(host, allowsWildcard: true) {
                    add(one, host, problem, "use a DNS name such as db.example.com")
                } else if !seen.insert(host.lowercased()).inserted {
                    findings.add(
                        FieldProblem(
                            path: one, value: host, problem: "is there twice", remedy: "remove one", reason: .duplicate)
                    )
                } else if host.hasPrefix("*"), resolutionName != "DYNAMIC_DNS" {
                    findings.warn(one, "a wildcard is not resolved by ztunnel; write the hosts one by one")
                }
            }
        }

        func addresses() {
            for (index, address) in spec.addresses.enumerated() {
                let place = path.appending(key: "addresses").appending(index: index)
                guard let range = CIDR(address) else {
                    add(
                        place, address, "is neither an IP address nor a CIDR range",
                        "write it as 10.0.0.1 or 10.0.0.0/8")
                    continue
                }
                let isRange = range.prefixLength != range.address.bitWidth
                if isRange, resolutionName != "NONE", resolutionName != "STATIC" {
                    add(
                        place, address, "is a range, which resolution \(resolutionName) does not allow",
                        "use single addresses, or resolution NONE or STATIC")
                }
            }
        }

        func ports() {
            var names: Set<String> = []
            var numbers: Set<UInt16> = []
            for (index, port) in spec.ports.enumerated() {
                let place = path.appending(key: "ports").appending(index: index)
                let name = port.name ?? ""
                if name.isEmpty {
                    findings.add(
                        FieldProblem(
                            path: place.appending(key: "name"), problem: "is required",
                            remedy: "give each port a name such as http", reason: .required))
                } else if let problem = NameRules.anyCaseLabel(name) {
                    add(place.appending(key: "name"), name, problem, "use a name such as http or tcp-db")
                } else if !names.insert(name).inserted {
                    findings.add(
                        FieldProblem(
                            path: place.appending(key: "name"), value: name, problem: "is the name of another port too",
                            remedy: "give each port its own name", reason: .duplicate))
                }
                if port.number != 0, !numbers.insert(port.number).inserted {
                    findings.add(
                        FieldProblem(
                            path: place.appending(key: "number"), value: "\(port.number)",
                            problem: "is the number of another port too", remedy: "remove one of the two",
                            reason: .duplicate))
                }
                protocolName(port, at: place)
            }
        }

        private func protocolName(_ port: ServiceEntrySpec.Port, at place: FieldPath) {
            guard let name = port.protocolName, !name.isEmpty else { return }
            guard protocols.contains(name.uppercased()) else {
                findings.add(
                    FieldProblem(
                        path: place.appending(key: "protocol"), value: name, problem: "is not supported",
                        remedy: "use one of " + protocols.joined(separator: ", "), reason: .notSupported))
                return
            }
            let isPlain = !selfDescribing.contains(name.uppercased())
            if name.uppercased() == "UDP" {
                findings.warn(place.appending(key: "protocol"), "UDP is not carried; only TCP is")
            } else if isPlain, spec.hosts.count > 1 {
                add(
                    place.appending(key: "protocol"), name,
                    "does not say which of the \(spec.hosts.count) hosts is meant",
                    "write one ServiceEntry for each host")
            } else if isPlain, spec.addresses.isEmpty, resolutionName == "NONE" {
                findings.warn(
                    place.appending(key: "protocol"),
                    "a \(name) port without addresses takes the connections to that port of every host; give addresses")
            }
        }

        func endpoints() {
            let place = path.appending(key: "endpoints")
            if !spec.endpoints.isEmpty, spec.workloadSelector != nil {
                add(path.appending(key: "workloadSelector"), nil, "is written next to endpoints", "keep one of the two")
            }
            if let selector = spec.workloadSelector {
                LabelRules.checkSelector(
                    selector, isWritten: true, emptySelects: "no workload",
                    at: path.appending(key: "workloadSelector").appending(key: "labels"),
                    findings)
            }
            let names = Set(spec.ports.compactMap(\.name))
            for (index, endpoint) in spec.endpoints.enumerated() {
                let one = place.appending(index: index)
                WorkloadEntryRules.checkRest(endpoint, at: one, findings)
                for name in endpoint.ports.keys.sorted() where !names.contains(name) {
                    add(
                        one.appending(key: "ports").appending(key: name), name, "is no port of this ServiceEntry",
                        names.isEmpty ? "name the ports" : "use one of " + names.sorted().joined(separator: ", "))
                }
            }
        }

        func resolution() {
            let place = path.appending(key: "endpoints")
            switch resolutionName {
            case "NONE":
                if !spec.endpoints.isEmpty, !findings.isWrong(path.appending(key: "resolution")) {
                    add(
                        place, nil, "are not allowed with resolution NONE",
                        "use resolution STATIC or DNS, or remove them")
                }
            case "STATIC":
                for (index, endpoint) in spec.endpoints.enumerated() {
                    staticEndpoint(endpoint, place.appending(index: index))
                }
                if spec.endpoints.isEmpty, spec.workloadSelector == nil {
                    findings.warn(
                        place, "there are none, so nothing can be reached; give endpoints or a workloadSelector")
                }
            case "DNS", "DNS_ROUND_ROBIN":
                dnsEndpoints(place)
            default:
                if !spec.endpoints.isEmpty {
                    add(place, nil, "are not allowed with resolution DYNAMIC_DNS", "remove them")
                }
                if !spec.addresses.isEmpty {
                    add(
                        path.appending(key: "addresses"), nil, "are not allowed with resolution DYNAMIC_DNS",
                        "remove them")
                }
                if spec.location == "MESH_INTERNAL" {
                    add(
                        path.appending(key: "location"), "MESH_INTERNAL", "is not allowed with resolution DYNAMIC_DNS",
                        "use MESH_EXTERNAL")
                }
                for (index, host) in spec.hosts.enumerated() where !host.hasPrefix("*.") {
                    add(
                        path.appending(key: "hosts").appending(index: index), host, "is no wildcard",
                        "resolution DYNAMIC_DNS is for hosts such as *.example.com")
                }
                findings.warn(
                    path.appending(key: "resolution"),
                    "DYNAMIC_DNS needs an egress waypoint, which this version does not run")
            }
        }

        private func staticEndpoint(_ endpoint: WorkloadEntrySpec, _ place: FieldPath) {
            if endpoint.address.isEmpty {
                guard endpoint.network.isEmpty else { return }
                findings.add(
                    FieldProblem(
                        path: place.appending(key: "address"), problem: "is required", remedy: "give an IP address",
                        reason: .required))
            } else if endpoint.address.hasPrefix("unix://") {
                WorkloadEntryRules.checkAddress(endpoint, at: place, findings)
                if spec.ports.count != 1 {
                    add(
                        path.appending(key: "ports"), "\(spec.ports.count)", "ports do not fit a Unix socket",
                        "write exactly one port")
                }
            } else if IPAddress(endpoint.address) == nil {
                add(
                    place.appending(key: "address"), endpoint.address,
                    "is no IP address, which resolution STATIC needs",
                    "give an address, or use resolution DNS")
            }
        }

        private func dnsEndpoints(_ place: FieldPath) {
            if spec.endpoints.isEmpty, spec.workloadSelector == nil {
                for (index, host) in spec.hosts.enumerated() where host.hasPrefix("*") {
                    add(
                        path.appending(key: "hosts").appending(index: index), host,
                        "cannot be resolved, it is a wildcard",
                        "give endpoints, or name the host")
                }
            }
            for (index, endpoint) in spec.endpoints.enumerated() {
                let one = place.appending(index: index)
                if endpoint.address.isEmpty, endpoint.network.isEmpty {
                    findings.add(
                        FieldProblem(
                            path: one.appending(key: "address"), problem: "is required",
                            remedy: "give a DNS name or an IP address", reason: .required))
                } else if endpoint.address.hasPrefix("unix://") {
                    add(
                        one.appending(key: "address"), endpoint.address, "is a Unix socket, which has no DNS name",
                        "use resolution STATIC")
                } else if !endpoint.address.isEmpty {
                    WorkloadEntryRules.checkAddress(endpoint, at: one, findings)
                }
            }
            if resolutionName == "DNS_ROUND_ROBIN", spec.endpoints.count > 1 {
                add(
                    place, "\(spec.endpoints.count)", "endpoints are too many for resolution DNS_ROUND_ROBIN",
                    "write one, or use DNS")
            }
        }
    }
}
