import HTTPWire
import MeshModel
import MeshPolicy

/// Makes the requests of one client's connection, whatever version of HTTP it speaks: the path in its normal form, the routes that
/// hold now. Confined to its loop.
struct RequestIntake {
    /// A request that its sink must know before it begins.
    struct Incoming {
        let request: RequestFlow
        /// Its path is one that no request may have.
        fileprivate let isRefused: Bool
        /// It has content, and no more is taken: so much is held for endpoints already.
        fileprivate let isTooMuch: Bool
        fileprivate let routes: HTTPRouteList?
        /// At a gateway's server.
        fileprivate let way: GatewayEntrance.Way?

        /// Begins it; it may be over when this returns.
        func begin() {
            guard !isRefused else {
                return request.answer(
                    LocalAnswer(status: 400, flags: .downstreamProtocolError, details: "path_normalization_failed"))
            }
            guard !isTooMuch else {
                return request.answer(LocalAnswer(status: 503, flags: .upstreamOverflow, details: "held_bytes"))
            }
            if let way { request.begin(by: way) } else { request.begin(routes) }
        }
    }

    private let worker: WaypointWorker
    private let client: ClientFacts
    private let version: HTTPVersion
    private var routes: (generation: UInt64, list: HTTPRouteList?)?
    /// Of the last authority that was asked for at a gateway: a client seldom asks for another.
    private var way: GatewayEntrance.Way?
    private var wayGeneration: UInt64 = 0

    init(worker: WaypointWorker, client: ClientFacts, version: HTTPVersion) {
        self.worker = worker
        self.client = client
        self.version = version
    }

    /// The request of a head.
    mutating func make(_ asked: consuming HTTPFieldBlock, endStream: Bool, sink: any ResponseSink) -> Incoming {
        worker.refresh()
        var head = client.admitted(asked)
        var outcome = PathNormalization.Outcome.unchanged
        head.forEachValue(of: ":path") { outcome = PathNormalization.base.outcome(of: $0) }
        if case .changed(let path) = outcome { FieldEditing.set(":path", to: path, in: &head) }
        let request = RequestFlow(
            worker: worker, client: client, version: version, sink: sink, head: head, endStream: endStream)
        let way = client.entrance.map { currentWay($0, head) }
        return Incoming(
            request: request, isRefused: outcome == .refused, isTooMuch: !endStream && !worker.admitsContent(),
            routes: way == nil ? currentRoutes() : nil, way: way)
    }

    private mutating func currentWay(_ entrance: GatewayEntrance, _ head: HTTPFieldBlock) -> GatewayEntrance.Way {
        if let way, wayGeneration == worker.generation, head.has(":authority", way.authority) { return way }
        let made = entrance.way(worker.routing, head.firstValue(of: FieldName.authority) ?? [])
        way = made
        wayGeneration = worker.generation
        return made
    }

    /// The routes of the service that was asked for, looked up once for each change of configuration.
    private mutating func currentRoutes() -> HTTPRouteList? {
        if let routes, routes.generation == worker.generation { return routes.list }
        let list = client.target.service.flatMap { worker.routing.routes.routes(of: $0.key)?.http }
        routes = (worker.generation, list)
        return list
    }
}
