import MeshModel
import MeshPolicy
import NodeCore

/// What is known of one CONNECT: who the client proved to be, where it says it is, and what it asked for.
struct ClientFacts {
    /// Proven by its certificate.
    let identity: SPIFFEIdentity
    /// As its ztunnel says: for logs and consistent hashes, as it is not proven.
    let address: String
    /// A service or workload of this waypoint.
    let target: WaypointTarget
    /// The client in the words of Envoy, for endpoints.
    let certificate: [UInt8]
    /// What routes see of the client.
    let facts: RequestFacts
    /// What its requests are counted in.
    let telemetry: ClientTelemetry

    /// The facts of a CONNECT; the client's labels are those of the workload at its address, if that has its identity.
    init(
        identity: SPIFFEIdentity, address: String, target: WaypointTarget, waypoint: SPIFFEIdentity,
        snapshot: MeshSnapshot, network: String, telemetry: RequestTelemetry
    ) {
        self.identity = identity
        self.address = address
        self.target = target
        certificate = RequestHead.certificate(client: identity, waypoint: waypoint)
        let source = TransportAddress(address)?.ip
        let workload = source.flatMap { ip in
            snapshot.clients(at: NetworkAddress(network: network, ip: ip)).first { $0.identity == identity }
        }
        let end = workload.map { TelemetryEnd($0, principal: identity.uri) } ?? TelemetryEnd(principal: identity.uri)
        self.telemetry = ClientTelemetry(telemetry, source: end, service: target.service)
        facts = RequestFacts(
            port: target.port,
            client: RequestFacts.Client(
                namespace: identity.namespace, labels: workload.map(EndpointLabels.client) ?? [:]),
            source: source, destination: TransportAddress(target.authority)?.ip)
    }
}
