import MeshModel

/// One ServiceEntry as drafts, one per host, as istiod reads it (I 1.4, 5.1).
struct ServiceEntryConversion {
    private let resource: Resource
    private let mesh: MeshConfig
    private(set) var warnings: [CompilationWarning] = []

    init(_ resource: Resource, mesh: MeshConfig) {
        self.resource = resource
        self.mesh = mesh
    }

    /// The drafts; none where the entry is not offered to anyone.
    mutating func convert(_ spec: ServiceEntrySpec) -> [ServiceDraft] {
        let resolution = spec.resolution ?? "NONE"
        guard resolution != "DYNAMIC_DNS" else {
            warn(.noEffect, "resolution DYNAMIC_DNS needs an egress waypoint, which this version of Ambit does not run")
            return []
        }
        let export = ExportTo(spec.exportTo, namespace: resource.metadata.namespace)
        if let warning = export.warning { warn(.noEffect, warning) }
        guard let visibility = export.visibility else { return [] }
        let (addresses, ranges) = self.addresses(spec)
        let ports = self.ports(spec)
        if resolution == "NONE", !spec.endpoints.isEmpty || spec.workloadSelector != nil {
            warn(.noEffect, "with resolution NONE connections go where they were addressed; endpoints are not used")
        }
        let allocates = resource.metadata.labels["networking.istio.io/enable-autoallocate-ip"] != "false"
        return spec.hosts.compactMap { host in
            guard !host.contains("*") else {
                warn(.noEffect, "host \(host) is a wildcard; ztunnel resolves none, write the hosts one by one")
                return nil
            }
            var draft = ServiceDraft(resource, hostname: host)
            draft.addresses = addresses
            draft.ranges = ranges
            draft.ports = ports
            draft.selector = resolution == "NONE" ? nil : spec.workloadSelector
            draft.visibility = visibility
            draft.subjectAltNames = spec.subjectAltNames
            draft.loadBalancing =
                resolution == "NONE"
                ? LoadBalancing(mode: .passthrough)
                : LocalityPreference.loadBalancing(
                    trafficDistribution: resource.metadata.annotations["networking.istio.io/traffic-distribution"],
                    internalTrafficPolicy: nil, allowsUnhealthy: false)
            draft.wantsAddress = allocates && resolution != "NONE" && addresses.isEmpty && ranges.isEmpty
            return draft
        }
    }

    private mutating func addresses(_ spec: ServiceEntrySpec) -> ([NetworkAddress], [NetworkRange]) {
        var addresses: [NetworkAddress] = []
        var ranges: [NetworkRange] = []
        for text in spec.addresses {
            guard let range = CIDR(text) else {
                warn(.invalid, "address \"\(text)\" is neither an IP address nor a CIDR range")
                continue
            }
            if range.prefixLength == range.address.bitWidth {
                addresses.append(NetworkAddress(network: mesh.network, ip: range.address))
            } else {
                ranges.append(NetworkRange(network: mesh.network, range: range))
            }
        }
        return (addresses, ranges)
    }

    private mutating func ports(_ spec: ServiceEntrySpec) -> [ServiceDraft.Port] {
        spec.ports.compactMap { port in
            if port.protocolName?.uppercased() == "UDP" {
                warn(.noEffect, "port \(port.number) is UDP; only TCP is carried")
                return nil
            }
            let number = port.targetPort ?? port.number
            return ServiceDraft.Port(
                port: port.number,
                target: port.name.map { .numberUnlessNamed(number, $0) } ?? .number(number),
                // Its name says it only where nothing else does.
                applicationProtocol: .selected(appProtocol: port.protocolName, portName: port.name))
        }
    }

    private mutating func warn(_ code: CompilationWarning.Code, _ message: String) {
        warnings.append(CompilationWarning(code, resource, message))
    }
}
