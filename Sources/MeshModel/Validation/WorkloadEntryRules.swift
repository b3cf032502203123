/// The rules of a WorkloadEntry, and of the endpoints of a ServiceEntry (I 3.2).
enum WorkloadEntryRules {
    static func check(_ reader: ObjectReader) {
        let spec = WorkloadEntrySpec(reader)
        if spec.address.isEmpty {
            if spec.network.isEmpty {
                reader.problem(
                    "address", "is required", remedy: "give the workload's IP address or DNS name", reason: .required)
            } else {
                reader.warn("address", "is missing: endpoints behind a network gateway are not reached by this version")
            }
        } else {
            checkAddress(spec, at: reader.path, reader.findings)
        }
        checkRest(spec, at: reader.path, reader.findings)
    }

    /// The address, which is there.
    static func checkAddress(_ spec: WorkloadEntrySpec, at path: FieldPath, _ findings: Findings) {
        let place = path.appending(key: "address")
        if spec.address.hasPrefix("unix://") {
            let file = spec.address.dropFirst("unix://".count)
            if !file.hasPrefix("/") && !file.hasPrefix("@") {
                findings.add(
                    FieldProblem(
                        path: place, value: spec.address, problem: "is no absolute path",
                        remedy: "write unix:///run/app.sock"))
            }
            if !spec.ports.isEmpty {
                findings.add(
                    FieldProblem(
                        path: path.appending(key: "ports"), problem: "is written for a Unix socket, which has no ports",
                        remedy: "remove it", reason: .forbidden))
            }
            findings.warn(place, "is a Unix socket, which the mesh does not reach; give an IP address")
            return
        }
        guard let address = IPAddress(spec.address) else {
            let looksNumeric = spec.address.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || [0x2E, 0x3A, 0x2F].contains(byte)
            }
            if looksNumeric {
                findings.add(
                    FieldProblem(
                        path: place, value: spec.address, problem: "is no IP address",
                        remedy: "write it as 10.0.0.1 or fd00::1, without a port or prefix length"))
            } else if let problem = NameRules.host(spec.address, allowsWildcard: false) {
                findings.add(
                    FieldProblem(
                        path: place, value: spec.address, problem: "is no IP address, and as a DNS name it \(problem)",
                        remedy: "write it as 10.0.0.1, fd00::1 or host.example.com"))
            }
            return
        }
        if address.isUnspecified {
            findings.add(
                FieldProblem(
                    path: place, value: spec.address, problem: "is no address of a host",
                    remedy: "give the workload's own address"))
        }
    }

    /// Everything but the address.
    static func checkRest(_ spec: WorkloadEntrySpec, at path: FieldPath, _ findings: Findings) {
        for name in spec.ports.keys.sorted() {
            if let problem = NameRules.anyCaseLabel(name) {
                findings.add(
                    FieldProblem(
                        path: path.appending(key: "ports").appending(key: name), value: name,
                        problem: "as the name of a port \(problem)", remedy: "use the name that the service's port has")
                )
            }
        }
        LabelRules.check(spec.labels, at: path.appending(key: "labels"), findings)
        if !spec.serviceAccount.isEmpty, let problem = NameRules.subdomain(spec.serviceAccount) {
            findings.add(
                FieldProblem(
                    path: path.appending(key: "serviceAccount"), value: spec.serviceAccount, problem: problem,
                    remedy: "use the name of a ServiceAccount of this namespace"))
        }
        if !spec.locality.isEmpty {
            let parts = spec.locality.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count > 3 || parts.first?.isEmpty == true {
                findings.add(
                    FieldProblem(
                        path: path.appending(key: "locality"), value: spec.locality, problem: "is no locality",
                        remedy: "use region, region/zone or region/zone/subzone"))
            }
        }
    }
}
