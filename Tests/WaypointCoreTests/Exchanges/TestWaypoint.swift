import HTTPWire
import LinuxSystem
import MeshModel
import MeshPolicy
import MeshRuntime
import MeshTelemetry
import NodeCore
import RE2Engine
import TLSEngine

@testable import WaypointCore

/// One worker of a waypoint on a test's loop, for a service `web` with one endpoint on the same loop. There is no control plane.
final class TestWaypoint {
    /// How the endpoint is reached, and who answers there.
    enum Endpoint {
        /// By TCP: the application gets each connection.
        case plain((TCPConnection) -> Void)
        /// By HBONE: each CONNECT is accepted, and gets here.
        case tunnelled((TunnelStream) -> Void)
    }

    let loop: EventLoop
    let worker: WaypointWorker
    /// The cluster of the service.
    let key: ClusterKey
    private let service: Service
    private let listener: Listener

    /// `application` gets each connection to the endpoint; `rule` is the spec of a DestinationRule for the service.
    convenience init(
        _ loop: EventLoop, rule: String? = nil, idleTimeout: Duration? = nil,
        application: @escaping (TCPConnection) -> Void
    ) throws {
        try self.init(loop, endpoint: .plain(application), rule: rule, idleTimeout: idleTimeout)
    }

    /// `isHTTP` is what the service says of its port; `idleTimeout` that of requests.
    init(
        _ loop: EventLoop, endpoint: Endpoint, rule: String? = nil, isHTTP: Bool = true, idleTimeout: Duration? = nil
    ) throws {
        self.loop = loop
        let address: IPAddress
        let certificates: any CertificateSource
        switch endpoint {
        case .plain(let application):
            address = IPAddress(ipv4: 127, 0, 0, 1)
            certificates = NoCertificates()
            listener = try Listener(loop: loop, socket: try Socket.listen(on: .loopback4(port: 0))) { socket, peer in
                application(TCPConnection(loop: loop, socket: socket, peer: peer))
            }
        case .tunnelled(let serve):
            let pair = try TunnelCertificates.shared.get()
            certificates = pair
            let socket = try Self.tunnelSocket()
            address = IPAddress(try Socket.localAddress(socket.raw))
            listener = try Listener(loop: loop, socket: socket) { socket, _ in
                Tunnel.accept(
                    loop: loop, socket: socket, contexts: .fixed(pair.server), handshakeTimeout: .seconds(10),
                    onReady: { tunnel in
                        tunnel.onRequest = { stream, _ in
                            stream.respond(.response(status: 200), endStream: false)
                            serve(stream)
                        }
                    }, onFailure: { _ in })
            }
        }
        let port = listener.address.port
        var configuration = WaypointConfiguration()
        configuration.namespace = "shop"
        configuration.name = "waypoint"
        configuration.serviceAccount = "waypoint"
        if let idleTimeout { configuration.requestIdleTimeout = idleTimeout }
        let web = Service(
            name: "web", namespace: "shop", hostname: "web.shop.svc.cluster.local",
            ports: [
                ServicePort(port: 80, targetPort: port, applicationProtocol: isHTTP ? .http11 : .unknown)
            ])
        service = web
        let own = Service(
            name: "waypoint", namespace: "shop", hostname: "waypoint.shop.svc.cluster.local",
            ports: [ServicePort(port: 15008, targetPort: 15008)])
        let workload = Workload(
            uid: "web-1", name: "web-1", namespace: "shop", addresses: [address],
            tunnelProtocol: address == IPAddress(ipv4: 127, 0, 0, 1) ? .tcp : .hbone,
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
            state: NodeState(snapshot: snapshot, certificates: certificates),
            routes: RoutingPublisher(compiler.compile(snapshot, objects)),
            logger: Logger(clock: { 0 }, sink: { _ in }), seed: 1)
        key = ClusterKey(service: web.key, port: 80)
    }

    /// The port is given, so it takes an address of loopback that nobody listens at.
    private static func tunnelSocket() throws(Errno) -> Descriptor {
        for number in 0..<UInt16(5_000) {
            let address = IPAddress(ipv4: 127, 77, UInt8(number / 200), UInt8(number % 200 + 1))
            do throws(Errno) {
                return try Socket.listen(on: SocketAddress(address, port: Ports.hbone))
            } catch {
                guard error == .addressInUse else { throw error }
            }
        }
        throw .addressInUse
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
}
