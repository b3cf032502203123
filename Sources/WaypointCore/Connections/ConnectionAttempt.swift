import HTTPWire
import MeshModel
import MeshPolicy
import MeshRuntime
import NodeCore

/// The way of a connection that is carried as it is to an endpoint of the cluster that its route names; to another one after a
/// failure, at most `DataPlaneLimits.connectAttempts` times. Nothing of the client's has been sent meanwhile. Confined to its loop.
final class ConnectionAttempt {
    /// What it comes to: a channel that was not started.
    typealias Completion = (Result<ByteChannel, ConnectionFailure>) -> Void

    private let worker: WaypointWorker
    private let client: ClientFacts
    private let hello: AskedServer
    private var request = EndpointRequest()
    private var completion: Completion?
    private(set) var cluster: WorkerCluster?
    /// The endpoint that a channel leads to; nil before there is one.
    private(set) var reached: ClusterEndpoint?
    /// Why it came to nothing before an endpoint was asked; nil where one was, or there is none.
    private(set) var refusal: ResponseFlags?
    /// The endpoint that is tried, and that it is counted there.
    private var current: (endpoint: ClusterEndpoint, use: Upstream.Use)?
    private var dial: EndpointDial?

    init(
        worker: WaypointWorker, client: ClientFacts, hello: AskedServer, completion: @escaping Completion
    ) {
        self.worker = worker
        self.client = client
        self.hello = hello
        self.completion = completion
    }

    /// Begins; the completion is called once, perhaps in this call.
    func begin() {
        worker.refresh()
        guard worker.routing.own != nil else {
            return end(
                .failure(
                    .noUpstream(
                        "this \(worker.configuration.role.word) is no endpoint of the service \(worker.service): register it"
                    )))
        }
        guard let cluster = found() else { return }
        guard cluster.admit(.connection) else {
            refusal = .upstreamOverflow
            return end(.failure(.noUpstream("the limit of connections to \(cluster.name) is reached")))
        }
        self.cluster = cluster
        request.destination = client.destination(at: cluster.cluster.service)
        if case .ringHash(let key, _) = cluster.policy.balancing { hash(by: key) }
        if case .maglev(let key, _) = cluster.policy.balancing { hash(by: key) }
        attempt(last: nil)
    }

    /// The connection is over, or not wanted any more.
    func cancel() {
        completion = nil
        dial?.cancel()
        dial = nil
        leave()
        cluster?.release(.connection)
        cluster = nil
    }

    private func hash(by key: HashKey) {
        guard case .sourceAddress = key else { return }
        if case .hash(let hash) = key.hash(HTTPFieldBlock(), client.facts, &worker.random) { request.hash = hash }
    }

    private func found() -> WorkerCluster? {
        if let entrance = client.entrance {
            return found(entrance.decide(worker.routing, client.facts, &worker.random), at: "the port \(entrance.port)")
        }
        guard let service = client.target.service else {
            return client.target.workload.map { worker.clusters.direct($0, port: client.target.port) }
        }
        if let decision = decide(worker.routing.routes.routes(of: service.key)) {
            return found(decision, at: service.hostname, hello.text)
        }
        return cluster(ClusterKey(service: service.key, port: client.target.port))
    }

    private func found(
        _ decision: ConnectionDecision, at place: String, _ asked: String = ""
    ) -> WorkerCluster? {
        switch decision {
        case .forward(let key, _): return cluster(key)
        case .noRoute:
            refusal = .noRoute
            end(.failure(.noUpstream("no route of \(place) is for the connection\(asked)")))
        case .noCluster(let reason, _):
            refusal = .noCluster
            end(.failure(.noUpstream(reason)))
        }
        return nil
    }

    private func cluster(_ key: ClusterKey) -> WorkerCluster? {
        guard let cluster = worker.clusters.cluster(key) else {
            refusal = .noCluster
            end(.failure(.noUpstream("\(key) is not there")))
            return nil
        }
        return cluster
    }

    /// A connection with TLS goes by the routes of server names, where there are any, and by the others if none of those is for it. Nil: no
    /// routes are written.
    private func decide(_ routes: RouteTable.ServiceRoutes?) -> ConnectionDecision? {
        guard let routes else { return nil }
        if hello != .unknown, !routes.tls.isEmpty {
            let decision = routes.tls.decide(serverName: hello.name, client.facts, &worker.random)
            if decision != .noRoute || routes.tcp.isEmpty { return decision }
        }
        return routes.tcp.isEmpty ? nil : routes.tcp.decide(client.facts, &worker.random)
    }

    private func attempt(last: ConnectionFailure?) {
        guard completion != nil, let cluster else { return }
        guard request.tried.count < worker.configuration.limits.connectAttempts,
            let (pools, use) = cluster.choose(request)
        else { return end(.failure(last ?? .noUpstream("no healthy upstream"))) }
        let endpoint = pools.endpoint
        current = (endpoint, use)
        let dial = EndpointDial(
            cluster: cluster, endpoint: endpoint, source: client.address, host: service?.hostname, protocols: [],
            tunnel: cluster.policy.tunnel)
        self.dial = dial
        dial.begin { [self] result in
            self.dial = nil
            switch result {
            case .success(let channel):
                // As Envoy: a connection that came about is a success, whatever is said on it.
                cluster.count(.response(status: 200, grpcStatus: nil), at: endpoint)
                reached = endpoint
                end(.success(channel))
            case .failure(let failure):
                cluster.count(.connectFailure, at: endpoint)
                leave()
                // Where the client says where there is no other.
                guard request.destination == nil else { return end(.failure(failure)) }
                request.tried.append(endpoint.id)
                attempt(last: failure)
            }
        }
    }

    /// The service that the bytes go to; nil for a workload that was asked for by its own address.
    var service: Service? { client.entrance == nil ? client.target.service : cluster?.cluster.service }

    /// The service that metrics say was called, where it is not the one that the client's stream is for.
    var calledService: Service? { cluster.flatMap { client.called($0.cluster.service) } }

    private func leave() {
        if let current { cluster?.ended(current.use, at: current.endpoint) }
        current = nil
    }

    private func end(_ result: Result<ByteChannel, ConnectionFailure>) {
        let body = completion
        completion = nil
        body?(result)
    }
}
