import MeshPolicy

/// The pools of one endpoint, one for each version of HTTP. Confined to its loop.
final class EndpointPools {
    private let http1: EndpointPool
    private let http2: EndpointPool

    var endpoint: ClusterEndpoint {
        didSet {
            http1.endpoint = endpoint
            http2.endpoint = endpoint
        }
    }

    init(_ cluster: WorkerCluster, _ endpoint: ClusterEndpoint) {
        self.endpoint = endpoint
        http1 = EndpointPool(cluster, endpoint, .http1)
        http2 = EndpointPool(cluster, endpoint, .http2)
    }

    /// The pool of one version.
    func pool(_ version: HTTPVersion) -> EndpointPool {
        switch version {
        case .http1: http1
        case .http2: http2
        }
    }

    /// Whether there is no connection and nobody waits for one.
    var isEmpty: Bool { http1.isEmpty && http2.isEmpty }

    /// The cluster's limits have changed.
    func renew() {
        http1.renew()
        http2.renew()
    }

    /// Nothing new is sent to the endpoint.
    func retire() {
        http1.retire()
        http2.retire()
    }
}
