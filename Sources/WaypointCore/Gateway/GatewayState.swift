import MeshPolicy

/// What a gateway serves at one moment: its ports, their routes, and what TLS ends with. Immutable; any thread.
final class GatewayState: Sendable {
    /// The labels that Gateways select it by.
    let labels: [String: String]
    let ports: [GatewayPort.Address: GatewayPort]
    let routes: GatewayRouteTable
    /// By group, of each server that ends TLS.
    let credentials: [String: GatewayCredential]

    init(
        labels: [String: String], ports: [GatewayPort.Address: GatewayPort], routes: GatewayRouteTable,
        credentials: [String: GatewayCredential]
    ) {
        self.labels = labels
        self.ports = ports
        self.routes = routes
        self.credentials = credentials
    }

    /// The servers whose TLS handshakes fail, each with the reason, for a person.
    var closedServers: [String] {
        credentials.compactMap { group, credential in
            guard case .missing(let reason) = credential else { return nil }
            return "\(group): \(reason)"
        }.sorted()
    }

    /// The port of this number that connections in tunnels are for, whatever address it is bound to.
    func port(numbered number: UInt16) -> GatewayPort? {
        ports[GatewayPort.Address(number: number)] ?? ports.values.first { $0.address.number == number }
    }
}
