import HTTPWire
import MeshModel
import MeshPolicy

/// Which server of a gateway a client's connection is at, and what of it routes see. Plain values.
struct GatewayEntrance: Sendable {
    /// The port of the Gateway's server.
    let port: UInt16
    /// The routes of the server; see `GatewayListener.group`.
    let group: String
    /// The name that the client asked for in its TLS hello.
    var serverName: String?
    /// Whether its requests come by HTTPS.
    var isHTTPS = false
    /// Whether the connection's bytes are TLS that goes on as it is.
    var isPassthrough = false

    /// What is done with the requests for one authority.
    final class Way {
        let authority: [UInt8]
        /// Requests should have come by HTTPS, and are sent there.
        let isRedirected: Bool
        /// Without a VirtualService for the authority none.
        let routes: HTTPRouteList

        init(authority: [UInt8], isRedirected: Bool, routes: HTTPRouteList) {
            self.authority = authority
            self.isRedirected = isRedirected
            self.routes = routes
        }
    }

    /// The way of requests for an authority.
    func way(_ routing: RoutingState, _ authority: [UInt8]) -> Way {
        let table = routing.gateway?.routes
        let isRedirected = table?.redirectsToHTTPS(port: port, group: group, authority: authority.span) ?? false
        return Way(
            authority: authority, isRedirected: isRedirected && !isHTTPS,
            routes: table?.http(port: port, group: group, authority: authority.span) ?? .none)
    }

    /// Where a request is sent that should have come by HTTPS.
    static func location(_ head: HTTPFieldBlock) -> [UInt8] {
        var location = Array("https://".utf8)
        head.forEachValue(of: FieldName.authority) { location += $0.bytes }
        head.forEachValue(of: FieldName.path) { location += $0.bytes }
        return location
    }

    /// What is done with a connection that is carried as it is.
    func decide(
        _ routing: RoutingState, _ facts: RequestFacts, _ random: inout some RandomNumberGenerator
    ) -> ConnectionDecision {
        guard let table = routing.gateway?.routes else { return .noRoute }
        if isPassthrough {
            return table.tls(port: port, group: group)?.decide(serverName: serverName, facts, &random) ?? .noRoute
        }
        return table.tcp(port: port, group: group)?.decide(facts, &random) ?? .noRoute
    }
}
