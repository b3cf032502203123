import MeshPolicy

/// The pools of one endpoint, one for each version of HTTP that has been spoken with it. Confined to its loop.
final class EndpointPools {
    private unowned let cluster: WorkerCluster
    private var http1: EndpointPool?
    private var http2: EndpointPool?

    var endpoint: ClusterEndpoint {
        didSet {
            http1?.endpoint = endpoint
            http2?.endpoint = endpoint
        }
    }

    init(_ cluster: WorkerCluster, _ endpoint: ClusterEndpoint) {
        self.cluster = cluster
        self.endpoint = endpoint
    }

    /// The pool of one version.
    func pool(_ version: HTTPVersion) -> EndpointPool {
        switch version {
        case .http1:
            if let http1 { return http1 }
            let made = EndpointPool(cluster, endpoint, version)
            http1 = made
            return made
        case .http2:
            if let http2 { return http2 }
            let made = EndpointPool(cluster, endpoint, version)
            http2 = made
            return made
        }
    }

    /// Whether there is no connection and nobody waits for one.
    var isEmpty: Bool { (http1?.isEmpty ?? true) && (http2?.isEmpty ?? true) }

    /// The cluster's limits have changed.
    func renew() {
        http1?.renew()
        http2?.renew()
    }

    /// Nothing new is sent to the endpoint.
    func retire() {
        http1?.retire()
        http2?.retire()
    }
}
