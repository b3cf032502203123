import LinuxSystem
import MeshModel
import MeshPolicy
import MeshRuntime
import MeshTelemetry
import NodeCore
import RE2Engine
import TLSEngine

@testable import WaypointCore

/// One worker of a waypoint on a test's loop, for a service `web` with one endpoint: an application on the same loop. There is no
/// control plane, and no TLS towards the endpoint.
final class TestWaypoint {
    let loop: EventLoop
    let worker: WaypointWorker
    /// The cluster of the service.
    let key: ClusterKey
    private let service: Service
    private let listener: Listener

    /// `application` gets each connection to the endpoint; `rule` is the spec of a DestinationRule for the service.
    init(_ loop: EventLoop, rule: String? = nil, application: @escaping (TCPConnection) -> Void) throws {
        self.loop = loop
        let listening = try Socket.listen(on: .loopback4(port: 0))
        let port = try Socket.localAddress(listening.raw).port
        listener = try Listener(loop: loop, socket: listening) { socket, peer in
            application(TCPConnection(loop: loop, socket: socket, peer: peer))
        }
        var configuration = WaypointConfiguration()
        configuration.namespace = "shop"
        configuration.name = "waypoint"
        configuration.serviceAccount = "waypoint"
        let web = Service(
            name: "web", namespace: "shop", hostname: "web.shop.svc.cluster.local",
            ports: [ServicePort(port: 80, targetPort: port, applicationProtocol: .http11)])
        service = web
        let own = Service(
            name: "waypoint", namespace: "shop", hostname: "waypoint.shop.svc.cluster.local",
            ports: [ServicePort(port: 15008, targetPort: 15008)])
        let workload = Workload(
            uid: "web-1", name: "web-1", namespace: "shop", addresses: [IPAddress(ipv4: 127, 0, 0, 1)],
            services: [web.key: [ServicePort(port: 80, targetPort: port)]])
        var builder = SnapshotBuilder()
        let snapshot = builder.apply(
            updates: [
                .service(web), .service(own), .workload(workload),
                .workload(
                    Workload(
                        uid: "waypoint-1", name: "waypoint-1", namespace: "shop", serviceAccount: "waypoint",
                        services: [own.key: [ServicePort(port: 15008, targetPort: 15008)]])),
            ])
        var objects: [String: Resource] = [:]
        if let rule {
            let text = #"{"metadata":{"name":"web","namespace":"shop"},"spec":\#(rule)}"#
            objects["web"] = Resource(kind: .destinationRule, object: try JSONValue(parsing: Array(text.utf8)))
        }
        var compiler = RoutingCompiler(configuration, RE2Engine())
        worker = WaypointWorker(
            loop: loop, configuration: configuration,
            state: NodeState(snapshot: snapshot, certificates: NoCertificates()),
            routes: RoutingPublisher(compiler.compile(snapshot, objects)),
            logger: Logger(clock: { 0 }, sink: { _ in }), seed: 1)
        key = ClusterKey(service: web.key, port: 80)
    }

    /// A client that asked for the service.
    func client() -> ClientFacts {
        ClientFacts(
            identity: SPIFFEIdentity(trustDomain: "cluster.local", namespace: "shop", serviceAccount: "frontend"),
            address: "10.0.0.9:1234",
            target: WaypointTarget(service: service, workload: nil, port: 80, authority: "web.shop:80"),
            worker: worker)
    }

    /// How often `limit` was reached.
    func rejections(_ limit: DataPlaneLimit) -> Int {
        let page = MetricsPage.render([worker.metrics()], format: .openMetrics)
        let line = page.split(separator: "\n").first {
            $0.hasPrefix("ambit_limit_rejections_total") && $0.contains("limit=\"\(limit.rawValue)\"")
        }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    private struct NoCertificates: CertificateSource {
        var generation: UInt64 { 1 }
        func context(for identity: SPIFFEIdentity, role: TLSRole) -> CertificateLookup { .pending }
        func fetch(_ identity: SPIFFEIdentity, completion: @escaping @Sendable (_ failure: String?) -> Void) {}
    }
}
