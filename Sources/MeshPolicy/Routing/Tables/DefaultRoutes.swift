import MeshModel

/// The routes of a service that no VirtualService is about: to the port that was asked for, with the default retries.
enum DefaultRoutes {
    static func entries(_ service: Service) -> [RouteEntry] {
        service.ports.map { port in
            var condition = RouteCondition()
            condition.port = port.port
            let destination = RouteDestination(
                place: .fixed(.cluster(ClusterKey(service: service.key, port: port.port))),
                requestChanges: .none, responseChanges: .none)
            return RouteEntry(
                condition: condition,
                route: HTTPRoute(outcome: .forward(WeightedChoice([(value: destination, weight: 1)]))),
                name: "default", origin: "the service \(service.hostname) without a VirtualService")
        }
    }
}
