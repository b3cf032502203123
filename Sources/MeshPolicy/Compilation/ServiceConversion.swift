import MeshModel

/// One Service as a draft, as istiod reads it (I 5.1).
struct ServiceConversion {
    private let resource: Resource
    private let mesh: MeshConfig
    private(set) var warnings: [CompilationWarning] = []

    init(_ resource: Resource, mesh: MeshConfig) {
        self.resource = resource
        self.mesh = mesh
    }

    /// The draft, or nil where the service is not offered to anyone.
    mutating func convert(_ spec: ServiceSpec) -> ServiceDraft? {
        let metadata = resource.metadata
        guard spec.type != "ExternalName" else {
            warn(.noEffect, "type ExternalName is not served; write a ServiceEntry with resolution DNS instead")
            return nil
        }
        var draft = ServiceDraft(
            resource, hostname: "\(metadata.name).\(metadata.namespace).svc.\(mesh.domainSuffix)")
        guard let visibility = exportedVisibility(metadata.annotations["networking.istio.io/exportTo"]) else {
            return nil
        }
        draft.visibility = visibility
        draft.selector = spec.selector.isEmpty ? nil : spec.selector
        if draft.selector == nil {
            warn(.noEffect, "it has no selector, so it has no endpoints; select WorkloadEntries by their labels")
        }
        draft.ports = ports(spec)
        draft.ipFamilies = families(spec)
        draft.loadBalancing = LocalityPreference.loadBalancing(
            trafficDistribution: metadata.annotations["networking.istio.io/traffic-distribution"]
                ?? spec.trafficDistribution, internalTrafficPolicy: spec.internalTrafficPolicy,
            allowsUnhealthy: spec.publishNotReadyAddresses)
        if let wish = metadata.annotations["networking.istio.io/traffic-distribution"] ?? spec.trafficDistribution,
            !LocalityPreference.isKnown(wish)
        {
            warn(.noEffect, "traffic distribution \"\(wish)\" is not known; use \(LocalityPreference.names)")
        }
        addresses(spec, &draft)
        return draft
    }

    private mutating func addresses(_ spec: ServiceSpec, _ draft: inout ServiceDraft) {
        var written = spec.clusterIPs
        if written.isEmpty, let one = spec.clusterIP, !one.isEmpty { written = [one] }
        // Headless: names lead to the endpoints themselves.
        if written.contains("None") { return }
        for text in written {
            guard let address = IPAddress(text) else {
                warn(.invalid, "clusterIP \"\(text)\" is not an IP address")
                continue
            }
            draft.addresses.append(NetworkAddress(network: mesh.network, ip: address))
        }
        draft.wantsAddress = draft.addresses.isEmpty
    }

    private mutating func ports(_ spec: ServiceSpec) -> [ServiceDraft.Port] {
        spec.ports.compactMap { port in
            if let transport = port.transport, transport != "TCP" {
                warn(.noEffect, "port \(port.port) is \(transport); only TCP is carried")
                return nil
            }
            let target: ServiceDraft.Target
            switch port.targetPort {
            case .number(let number)?: target = .number(number)
            case .name(let name)?: target = .named(name)
            case nil: target = .number(port.port)
            }
            return ServiceDraft.Port(
                port: port.port, target: target,
                applicationProtocol: .selected(appProtocol: port.appProtocol, portName: port.name))
        }
    }

    private func families(_ spec: ServiceSpec) -> IPFamilies {
        switch (spec.ipFamilies.contains("IPv4"), spec.ipFamilies.contains("IPv6")) {
        case (true, true): .dual
        case (true, false): spec.ipFamilyPolicy == nil || spec.ipFamilyPolicy == "SingleStack" ? .ipv4Only : .dual
        case (false, true): spec.ipFamilyPolicy == nil || spec.ipFamilyPolicy == "SingleStack" ? .ipv6Only : .dual
        case (false, false): .automatic
        }
    }

    /// nil: nobody may see it.
    private mutating func exportedVisibility(_ annotation: String?) -> ServiceVisibility? {
        guard let annotation else { return .everyone }
        let names = annotation.split(separator: ",").map { $0.trimmingSpaces }
        let export = ExportTo(names, namespace: resource.metadata.namespace)
        if let warning = export.warning { warn(.noEffect, warning) }
        return export.visibility
    }

    private mutating func warn(_ code: CompilationWarning.Code, _ message: String) {
        warnings.append(CompilationWarning(code, resource, message))
    }
}
