/// The rules of the routes of connections, `tls` and `tcp` (I 3.2).
struct ConnectionRouteRules {
    let spec: VirtualServiceSpec
    let path: FieldPath
    let findings: Findings

    func check() {
        for (index, route) in spec.tls.enumerated() {
            let place = path.appending(key: "tls").appending(index: index)
            if route.match.isEmpty {
                findings.add(
                    place.appending(key: "match"), "is required", "give sniHosts, the names that clients ask for",
                    .required)
            }
            for (position, match) in route.match.enumerated() {
                check(match, at: place.appending(key: "match").appending(index: position))
            }
            check(route.route, at: place.appending(key: "route"))
        }
        for (index, route) in spec.tcp.enumerated() {
            let place = path.appending(key: "tcp").appending(index: index)
            for (position, match) in route.match.enumerated() {
                check(match, at: place.appending(key: "match").appending(index: position))
            }
            check(route.route, at: place.appending(key: "route"))
        }
    }

    private func check(_ match: VirtualServiceSpec.TLSRoute.Match, at place: FieldPath) {
        let names = place.appending(key: "sniHosts")
        if match.sniHosts.isEmpty {
            findings.add(names, "is required", "give the names that clients ask for", .required)
        }
        for (index, name) in match.sniHosts.enumerated() {
            let one = names.appending(index: index)
            if IPAddress(name) != nil {
                findings.warn(one, "\(name) is an address, which no client asks for in a TLS hello")
            } else if name != "*", let problem = NameRules.host(name, allowsWildcard: true) {
                findings.add(one, name, problem, "use a name such as www.example.com")
            } else if !spec.hosts.isEmpty,
                !spec.hosts.contains(where: { HostPattern(name).isSubset(of: HostPattern($0)) })
            {
                findings.add(
                    one, name, "is no host of this VirtualService",
                    "use one of " + spec.hosts.joined(separator: ", ") + ", or add it to hosts")
            }
        }
        rest(match.destinationSubnets, match.sourceLabels, match.sourceNamespace, match.gateways, at: place)
    }

    private func check(_ match: VirtualServiceSpec.TCPRoute.Match, at place: FieldPath) {
        if let subnet = match.sourceSubnet {
            check(subnet: subnet, at: place.appending(key: "sourceSubnet"))
            findings.warn(place.appending(key: "sourceSubnet"), "is deprecated; clients are told by sourceLabels")
        }
        rest(match.destinationSubnets, match.sourceLabels, match.sourceNamespace, match.gateways, at: place)
    }

    private func rest(
        _ subnets: [String], _ labels: [String: String], _ namespace: String?, _ gateways: [String], at place: FieldPath
    ) {
        for (index, subnet) in subnets.enumerated() {
            check(subnet: subnet, at: place.appending(key: "destinationSubnets").appending(index: index))
        }
        TextMatchRules.check(labels: labels, namespace: namespace, at: place, findings)
        for (index, name) in gateways.enumerated() {
            GatewayNameRules.check(name, at: place.appending(key: "gateways").appending(index: index), findings)
        }
    }

    private func check(subnet: String, at place: FieldPath) {
        guard CIDR(subnet) == nil else { return }
        findings.add(place, subnet, "is neither an IP address nor a CIDR range", "write it as 10.0.0.1 or 10.0.0.0/8")
    }

    private func check(_ destinations: [VirtualServiceSpec.RouteDestination], at place: FieldPath) {
        if destinations.isEmpty { findings.add(place, "is required", "give a destination", .required) }
        for (index, entry) in destinations.enumerated() {
            DestinationRules.check(
                entry.destination, at: place.appending(index: index).appending(key: "destination"), findings)
        }
        DestinationRules.check(weights: destinations.map(\.weight), at: place, findings)
    }
}
