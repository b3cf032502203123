package import MeshModel
package import MeshTelemetry

/// The mesh in the names of Istio's dump: those of the local configuration file (Z 5.3).
extension JSONWriter {
    /// A workload, as the value of the key before it.
    package mutating func workload(_ workload: Workload) {
        beginObject()
        field("uid", workload.uid)
        field("name", workload.name)
        field("namespace", workload.namespace)
        field("workloadIps", workload.addresses.map(\.description))
        field("hostname", workload.hostname)
        field("network", workload.network)
        field("protocol", workload.tunnelProtocol.rawValue)
        field("networkMode", workload.networkMode.rawValue)
        field("trustDomain", workload.trustDomain)
        field("serviceAccount", workload.serviceAccount)
        if let waypoint = workload.waypoint { gateway("waypoint", waypoint) }
        if let networkGateway = workload.networkGateway { gateway("networkGateway", networkGateway) }
        field("node", workload.node)
        field("workloadName", workload.workloadName)
        field("workloadType", workload.workloadType.rawValue)
        field("canonicalName", workload.canonicalName)
        field("canonicalRevision", workload.canonicalRevision)
        field("clusterId", workload.clusterID)
        field("status", workload.health.rawValue)
        field("capacity", workload.capacity)
        key("locality")
        beginObject()
        if !workload.locality.isEmpty {
            field("region", workload.locality.region)
            field("zone", workload.locality.zone)
            field("subzone", workload.locality.subzone)
        }
        endObject()
        if let tunnel = workload.applicationTunnel {
            key("applicationTunnel")
            beginObject()
            field("protocol", tunnel.preamble.rawValue)
            if let port = tunnel.port { field("port", port) }
            endObject()
        }
        key("services")
        beginObject()
        for (name, mapping) in workload.services.sorted(by: { $0.key < $1.key }) {
            ports(name.description, mapping)
        }
        endObject()
        field("authorizationPolicies", workload.authorizationPolicies.map(\.description))
        endObject()
    }

    /// A service with its endpoints.
    package mutating func service(_ service: Service, endpoints: [Endpoint]) {
        beginObject()
        field("name", service.name)
        field("namespace", service.namespace)
        field("hostname", service.hostname)
        field("vips", service.addresses.map(\.description))
        field("cidrVips", service.ranges.map(\.description))
        ports("ports", service.ports)
        key("endpoints")
        beginObject()
        for endpoint in endpoints {
            key(endpoint.workload.uid)
            beginObject()
            field("workloadUid", endpoint.workload.uid)
            ports("port", endpoint.ports)
            field("status", endpoint.workload.health.rawValue)
            endObject()
        }
        endObject()
        field("subjectAltNames", service.subjectAltNames)
        if let waypoint = service.waypoint { gateway("waypoint", waypoint) }
        array("weightedWaypoints", service.weightedWaypoints) { writer, weighted in
            writer.beginObject()
            writer.gateway("waypoint", weighted.waypoint)
            writer.field("weight", weighted.weight)
            writer.endObject()
        }
        key("loadBalancer")
        beginObject()
        field("routingPreferences", service.loadBalancing.routingPreferences.map(\.rawValue))
        field("mode", service.loadBalancing.mode.rawValue)
        field("healthPolicy", service.loadBalancing.healthPolicy.rawValue)
        endObject()
        field("ipFamilies", service.ipFamilies.rawValue)
        field("canonical", service.isCanonical)
        field("visibility", service.visibility.rawValue)
        endObject()
    }

    /// An authorization policy.
    package mutating func policy(_ policy: Authorization) {
        beginObject()
        field("name", policy.name)
        field("namespace", policy.namespace)
        field("scope", policy.scope.rawValue)
        field("action", policy.action.rawValue)
        field("dryRun", policy.isDryRun)
        array("rules", policy.rules) { writer, rule in
            writer.beginArray()
            for clause in rule.clauses {
                writer.beginArray()
                for match in clause.matches { writer.match(match) }
                writer.endArray()
            }
            writer.endArray()
        }
        endObject()
    }

    private mutating func match(_ match: AuthorizationMatch) {
        beginObject()
        strings("namespaces", match.namespaces)
        strings("notNamespaces", match.notNamespaces)
        strings("principals", match.principals)
        strings("notPrincipals", match.notPrincipals)
        texts("sourceIps", match.sourceIPs.map(\.description))
        texts("notSourceIps", match.notSourceIPs.map(\.description))
        texts("destinationIps", match.destinationIPs.map(\.description))
        texts("notDestinationIps", match.notDestinationIPs.map(\.description))
        numbers("destinationPorts", match.destinationPorts)
        numbers("notDestinationPorts", match.notDestinationPorts)
        texts("serviceAccounts", match.serviceAccounts.map(\.description))
        texts("notServiceAccounts", match.notServiceAccounts.map(\.description))
        // Conditions that were not understood: an allowing rule never matches, a denying one does (D11).
        if !match.unusable.isEmpty { field("hasUnusableConditions", true) }
        endObject()
    }

    private mutating func strings(_ name: String, _ matches: [StringMatch]) {
        guard !matches.isEmpty else { return }
        array(name, matches) { writer, match in
            writer.beginObject()
            switch match {
            case .exact(let text): writer.field("Exact", text)
            case .prefix(let text): writer.field("Prefix", text)
            case .suffix(let text): writer.field("Suffix", text)
            case .presence:
                writer.key("Presence")
                writer.beginArray()
                writer.endArray()
            }
            writer.endObject()
        }
    }

    private mutating func texts(_ name: String, _ texts: [String]) {
        if !texts.isEmpty { field(name, texts) }
    }

    private mutating func numbers(_ name: String, _ numbers: [UInt16]) {
        guard !numbers.isEmpty else { return }
        array(name, numbers) { writer, number in writer.value(number) }
    }

    private mutating func ports(_ name: String, _ ports: [ServicePort]) {
        key(name)
        beginObject()
        for port in ports.sorted(by: { $0.port < $1.port }) { field(String(port.port), port.targetPort) }
        endObject()
    }

    private mutating func gateway(_ name: String, _ gateway: GatewayAddress) {
        key(name)
        beginObject()
        switch gateway.destination {
        case .hostname(let service): field("destination", service.description)
        case .address(let address): field("destination", address.description)
        }
        field("hboneMtlsPort", gateway.port)
        endObject()
    }
}
