import MeshModel

/// Compiles the `tls` and `tcp` routes of VirtualServices for one set of gateways.
struct ConnectionRouteCompiler {
    let resolver: DestinationResolver

    /// The `tls` routes of several VirtualServices: those with a more specific server name first, as Envoy's listeners
    /// choose by it before anything else.
    func tls(_ owners: [Configured<VirtualServiceSpec>], for gateways: Set<String>) -> [ConnectionRoute] {
        let routes = owners.flatMap { tls($0, for: gateways) }.flatMap(\.byServerName)
        return routes.enumerated().sorted { left, right in
            let names = (left.element.serverName, right.element.serverName)
            if names.0 == names.1 { return left.offset < right.offset }
            guard let first = names.0 else { return false }
            return names.1.map { HostName.isMoreSpecific(first, $0) } ?? true
        }.map(\.element)
    }

    /// The `tls` routes of one VirtualService.
    private func tls(_ owner: Configured<VirtualServiceSpec>, for gateways: Set<String>) -> [ConnectionRoute] {
        owner.spec.tls.enumerated().compactMap { position, route in
            let matches = route.match.filter { applies($0.gateways, owner, gateways) }
            guard route.match.isEmpty ? applies([], owner, gateways) : !matches.isEmpty else { return nil }
            let conditions = matches.map { match in
                condition(
                    serverNames: match.sniHosts, destinations: match.destinationSubnets, source: nil, port: match.port,
                    namespace: match.sourceNamespace, labels: match.sourceLabels)
            }
            return self.route(route.route, conditions, owner, "tls[\(position)]")
        }
    }

    /// The `tcp` routes of one VirtualService.
    func tcp(_ owner: Configured<VirtualServiceSpec>, for gateways: Set<String>) -> [ConnectionRoute] {
        owner.spec.tcp.enumerated().compactMap { position, route in
            let matches = route.match.filter { applies($0.gateways, owner, gateways) }
            guard route.match.isEmpty ? applies([], owner, gateways) : !matches.isEmpty else { return nil }
            let conditions = matches.map { match in
                condition(
                    serverNames: nil, destinations: match.destinationSubnets, source: match.sourceSubnet,
                    port: match.port, namespace: match.sourceNamespace, labels: match.sourceLabels)
            }
            return self.route(route.route, conditions, owner, "tcp[\(position)]")
        }
    }

    private func applies(
        _ names: [String], _ owner: Configured<VirtualServiceSpec>, _ gateways: Set<String>
    ) -> Bool {
        let wanted = names.isEmpty ? owner.spec.gateways : names
        return !gateways.isDisjoint(with: GatewayName.effective(wanted, in: owner.namespace))
    }

    private func condition(
        serverNames: [String]?, destinations: [String], source: String?, port: UInt16?, namespace: String?,
        labels: [String: String]
    ) -> ConnectionRoute.Condition {
        // A range that is none must not widen the match: it is met by no address.
        let nowhere = CIDR(host: IPAddress(high: 0, low: 0, isIPv4: false))
        return ConnectionRoute.Condition(
            serverNames: serverNames.flatMap { $0.isEmpty ? nil : $0.map { HostName($0) } },
            destinations: destinations.map { CIDR($0) ?? nowhere }, source: source.map { CIDR($0) ?? nowhere },
            port: port, clientNamespace: namespace, clientLabels: labels)
    }

    private func route(
        _ destinations: [VirtualServiceSpec.RouteDestination], _ conditions: [ConnectionRoute.Condition],
        _ owner: Configured<VirtualServiceSpec>, _ place: String
    ) -> ConnectionRoute {
        ConnectionRoute(
            conditions: conditions,
            choice: WeightedChoice(
                destinations.map {
                    (value: resolver.place($0.destination, in: owner.namespace), weight: $0.weight)
                }),
            origin: "VirtualService \(owner.reference) \(place)")
    }
}
