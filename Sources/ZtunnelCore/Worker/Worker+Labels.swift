package import LinuxSystem
package import MeshModel
import NodeCore

/// Who is who, for metrics and logs. None of it is for a decision.
extension Worker {
    /// The labels of a connection of which nothing is known yet.
    package func unknownLabels(_ direction: ConnectionSummary.Direction) -> ConnectionLabels {
        let key = LabelKey(
            direction: direction, source: TelemetryEnd(), destination: TelemetryEnd(), service: nil, isMutualTLS: false)
        return telemetry.labels(key, service: nil)
    }

    /// Names the destination that a captured connection is sent to. `identity` is what the tunnel's peer must prove; nil
    /// for plain TCP, where no identity is proven, ours included (Z 8.1).
    package func relabel(_ connection: ProxiedConnection, destination: Workload?, service: Service?, identity: String?)
    {
        let source = connection.server.currentRecord()
        let own = identity == nil ? "" : connection.server.identityURI
        let key = LabelKey(
            direction: .outbound,
            source: source.map { TelemetryEnd($0, principal: own) } ?? TelemetryEnd(principal: own),
            destination: destination.map { TelemetryEnd($0, principal: identity ?? "") }
                ?? TelemetryEnd(principal: identity ?? ""),
            service: service?.key, isMutualTLS: identity != nil)
        connection.labels = telemetry.labels(key, service: service)
    }

    /// Names the client of an inbound connection (Z 8.1).
    package func inboundLabels(
        record: Workload, source: SocketAddress, service: Service?, peer: PeerIdentity?, headers: InboundHeaders?
    ) -> ConnectionLabels {
        let isForeign = headers?.forwardedNetwork.map { $0.lowercased() != configuration.network.lowercased() } ?? false
        let address = NetworkAddress(network: configuration.network, ip: IPAddress(source))
        let client = TelemetryEnd(
            clientAmong: isForeign ? [] : snapshot.clients(at: address), identity: peer?.identity,
            baggage: configuration.responseBaggage ? headers?.baggage : nil)
        let key = LabelKey(
            direction: .inbound, source: client,
            destination: TelemetryEnd(record, principal: peer == nil ? "" : record.identity.uri), service: service?.key,
            isMutualTLS: peer != nil)
        return telemetry.labels(key, service: service)
    }
}
