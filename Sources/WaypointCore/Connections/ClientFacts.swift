import HTTPWire
import MeshModel
import MeshPolicy
import NodeCore

/// What is known of one connection of a client: who the client proved to be, where it is, and what it asked for. Made once, shared by
/// the connection's requests, confined to its worker's loop.
final class ClientFacts {
    /// Proven by its certificate of the mesh; nil for a client from outside.
    let identity: SPIFFEIdentity?
    /// As its connection has it, or in a tunnel as its ztunnel says: then for logs and consistent hashes, as it is not proven.
    let address: String
    /// A service or workload of this waypoint; at a gateway's own ports none, only the address connected to.
    let target: WaypointTarget
    /// The gateway's server that it is at; nil at a waypoint.
    let entrance: GatewayEntrance?
    /// The client in the words of Envoy, for endpoints; nil where it has shown no certificate.
    let certificate: [UInt8]?
    /// What routes see of the client.
    let facts: RequestFacts
    /// The client's address as a field's value, without a port; nil where it is not known.
    private let sourceText: [UInt8]?
    /// What its requests are counted in.
    let telemetry: ClientTelemetry

    /// The facts of a CONNECT; the client's labels are those of the workload at its address, if that has its identity.
    init(
        identity: SPIFFEIdentity, address: String, target: WaypointTarget, entrance: GatewayEntrance? = nil,
        worker: WaypointWorker
    ) {
        self.identity = identity
        self.address = address
        self.target = target
        self.entrance = entrance
        certificate = RequestHead.certificate(client: identity, waypoint: worker.identity)
        let source = TransportAddress(address)?.ip
        let workload = source.flatMap { ip in
            worker.routing.snapshot.clients(at: NetworkAddress(network: worker.configuration.network, ip: ip))
                .first { $0.identity == identity }
        }
        let end = workload.map { TelemetryEnd($0, principal: identity.uri) } ?? TelemetryEnd(principal: identity.uri)
        telemetry =
            entrance == nil
            ? ClientTelemetry(worker.telemetry, source: end, service: target.service) : worker.ownTelemetry()
        facts = RequestFacts(
            port: entrance?.port ?? target.port,
            client: RequestFacts.Client(
                namespace: identity.namespace, labels: workload.map(EndpointLabels.labels) ?? [:]),
            source: source, destination: TransportAddress(target.authority)?.ip)
        sourceText = source.map { Array($0.description.utf8) }
    }

    /// The facts of a connection from outside of the mesh to a gateway's port at `local`. `certificate` is what the client has shown
    /// in TLS, in the words of Envoy.
    init(
        from remote: TransportAddress, to local: TransportAddress, entrance: GatewayEntrance, certificate: [UInt8]?,
        worker: WaypointWorker
    ) {
        identity = nil
        address = remote.description
        target = WaypointTarget(service: nil, workload: nil, port: local.port, authority: local.description)
        self.entrance = entrance
        self.certificate = certificate
        telemetry = worker.ownTelemetry()
        facts = RequestFacts(port: entrance.port, source: remote.ip, destination: local.ip)
        sourceText = Array(remote.ip.description.utf8)
    }

    /// The address that the client itself wants, at a service that leaves it to its clients (resolution NONE); nil at any other, and for
    /// addresses that mean something else on this host.
    func destination(at service: Service) -> IPAddress? {
        guard service.loadBalancing.mode == .passthrough, service.key == target.service?.key,
            let address = facts.destination, !address.isLoopback, !address.isLinkLocal, !address.isUnspecified
        else { return nil }
        return address
    }

    /// The service of a cluster that was used, where it is not the one asked for; nil, too, for a workload by its own address, of which a
    /// cluster's service is only a form.
    func called(_ service: Service) -> Service? {
        guard entrance == nil else { return service }
        guard let asked = target.service, asked !== service, asked.key != service.key else { return nil }
        return service
    }

    /// The scheme that the client used.
    var scheme: String { entrance?.isHTTPS == true ? "https" : "http" }

    /// The head as this process looks at it: at a gateway, what only its connection may say of a client is said by nothing else.
    func admitted(_ head: consuming HTTPFieldBlock) -> HTTPFieldBlock {
        guard let entrance else { return head }
        return EdgeHead.of(head, address: sourceText, isHTTPS: entrance.isHTTPS)
    }
}
