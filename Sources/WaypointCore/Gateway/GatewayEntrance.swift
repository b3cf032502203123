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

    /// The routes of a request; without a VirtualService for its authority none.
    func routes(_ routing: RoutingState, _ head: HTTPFieldBlock) -> HTTPRouteList {
        var found: HTTPRouteList?
        head.forEachValue(of: FieldName.authority) {
            found = routing.gateway?.routes.http(port: port, group: group, authority: $0)
        }
        return found ?? .none
    }

    /// Where a request is sent that should have come by HTTPS; nil for any other.
    func redirect(_ routing: RoutingState, _ head: HTTPFieldBlock) -> [UInt8]? {
        var isAsked = false
        var location = Array("https://".utf8)
        head.forEachValue(of: FieldName.authority) {
            isAsked = routing.gateway?.routes.redirectsToHTTPS(port: port, group: group, authority: $0) ?? false
            location += $0.bytes
        }
        guard isAsked, !isHTTPS else { return nil }
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
