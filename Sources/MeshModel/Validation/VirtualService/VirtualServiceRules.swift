/// The rules of a VirtualService (I 3.2).
enum VirtualServiceRules {
    static func check(_ reader: ObjectReader, metadata: ResourceMetadata, patterns: (any PatternEngine)?) {
        let spec = VirtualServiceSpec(reader)
        let check = Check(spec: spec, path: reader.path, findings: reader.findings)
        check.hosts()
        check.gateways()
        check.routes(reader)
        ExportToRules.check(
            spec.exportTo, namespace: metadata.namespace, takesNobody: false,
            at: reader.path.appending(key: "exportTo"),
            reader.findings)
        let http = reader.path.appending(key: "http")
        for (index, route) in spec.http.enumerated() {
            HTTPRouteRules(
                route: route, isInDelegate: spec.hosts.isEmpty, isForMesh: check.isForMesh,
                path: http.appending(index: index), findings: reader.findings, patterns: patterns
            ).check()
        }
        ConnectionRouteRules(spec: spec, path: reader.path, findings: reader.findings).check()
        RouteOrderRules.check(spec, at: reader.path, reader.findings)
    }

    private struct Check {
        let spec: VirtualServiceSpec
        let path: FieldPath
        let findings: Findings

        /// Whether it is for traffic between services, too.
        var isForMesh: Bool { spec.gateways.isEmpty || spec.gateways.contains(VirtualServiceSpec.mesh) }

        func hosts() {
            let place = path.appending(key: "hosts")
            guard !spec.hosts.isEmpty else { return delegate() }
            for (index, host) in spec.hosts.enumerated() {
                let one = place.appending(index: index)
                if host == "*" {
                    guard isForMesh else { continue }
                    findings.add(
                        one, host, "stands for every host, which is not allowed for traffic between services",
                        "name the hosts, or name gateways other than mesh")
                } else if IPAddress(host) != nil {
                    continue
                } else if let problem = NameRules.host(host, allowsWildcard: true) {
                    findings.add(one, host, problem, "use a host name such as reviews or www.example.com")
                }
                for earlier in spec.hosts[..<index] where HostPattern(earlier).overlaps(HostPattern(host)) {
                    findings.add(
                        one, host, earlier == host ? "is there twice" : "overlaps \(earlier)",
                        "keep one of them, or write another VirtualService", .duplicate)
                    break
                }
            }
        }

        /// Without hosts it is a delegate: others bring its traffic.
        private func delegate() {
            for (key, isWritten) in [
                ("gateways", !spec.gateways.isEmpty), ("tls", !spec.tls.isEmpty), ("tcp", !spec.tcp.isEmpty),
            ] where isWritten {
                findings.add(
                    path.appending(key: key), "is not allowed without hosts, which makes it a delegate",
                    "give hosts, or remove it", .forbidden)
            }
        }

        func gateways() {
            for (index, name) in spec.gateways.enumerated() {
                GatewayNameRules.check(name, at: path.appending(key: "gateways").appending(index: index), findings)
            }
        }

        func routes(_ reader: ObjectReader) {
            guard spec.http.isEmpty, spec.tls.isEmpty, spec.tcp.isEmpty else { return }
            reader.problem(
                "http", "is required where neither tls nor tcp is written", remedy: "give at least one route",
                reason: .required)
        }
    }
}
