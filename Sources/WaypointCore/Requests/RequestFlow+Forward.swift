import HTTPWire
import MeshModel
import MeshPolicy

extension RequestFlow {
    /// Sends the request to a cluster; nil for the workload that was asked for by its own address.
    func send(to key: ClusterKey?) {
        guard worker.routing.own != nil else {
            record.failure =
                "this \(worker.configuration.role.word) is no endpoint of the service \(worker.service): register it"
            return answer(.noEndpoint)
        }
        guard let cluster = cluster(key) else {
            record.failure = "\(key.map { "\($0)" } ?? client.target.authority) is not there any more"
            return answer(LocalAnswer(status: 503, flags: .noCluster, details: "cluster_not_found"))
        }
        guard let made = forwardedHead() else {
            return answer(LocalAnswer(status: 400, details: "path_normalization_failed"))
        }
        let forward = Forwarding(self, cluster, head: made, choice: choice(cluster, made))
        self.forward = forward
        mirror(made)
        forward.begin()
    }

    private func cluster(_ key: ClusterKey?) -> WorkerCluster? {
        if let key { return worker.clusters.cluster(key) }
        return client.target.workload.map { worker.clusters.direct($0, port: client.target.port) }
    }

    /// What the choice of the endpoint depends on; makes the cookie where the client has none.
    private func choice(_ cluster: WorkerCluster, _ made: HTTPFieldBlock) -> EndpointRequest {
        var request = EndpointRequest()
        request.destination = client.destination(at: cluster.cluster.service)
        let key: HashKey
        switch cluster.policy.balancing {
        case .ringHash(let found, _), .maglev(let found, _): key = found
        case .leastRequest, .roundRobin, .random, .passthrough: return request
        }
        switch key.hash(made, client.facts, &worker.random) {
        case .hash(let hash): request.hash = hash
        case .made(let hash, setting: let cookie):
            request.hash = hash
            hashCookie = Array(cookie.utf8)
        case .none: break
        }
        return request
    }

    /// The head as endpoints get it: who the client is, the path and authority of the route, and its changes. Nil where the rewritten path
    /// would lead elsewhere than it says: `/a../b` under the prefix `/a`, which becomes `/x/`, would leave `/x`.
    private func forwardedHead() -> HTTPFieldBlock? {
        var made = RequestHead.forwarded(head, certificate: client.certificate) { [worker] in
            RequestHead.uuid(worker.random.next(), worker.random.next())
        }
        guard let entry else { return made }
        if entry.route.rewrite != nil {
            var path: [UInt8]?
            var original: [UInt8] = []
            head.forEachValue(of: FieldName.path) {
                path = entry.rewrittenPath($0)
                original = $0.bytes
            }
            if let path, path != original {
                guard !Self.leavesItsPlace(path) else { return nil }
                FieldEditing.set(":path", to: path, in: &made)
                made.append(name: "x-envoy-original-path", value: original.span)
            }
        }
        if let authority = entry.route.authority {
            FieldEditing.set(":authority", to: Array(authority.utf8), in: &made)
        }
        FieldEditing.apply(entry.route.requestChanges, to: &made) { value($0, nil) }
        if let destination { FieldEditing.apply(destination.requestChanges, to: &made) { value($0, nil) } }
        return made
    }

    /// Whether a server that resolves dot segments reads another place in `path`, or none at all.
    private static func leavesItsPlace(_ path: [UInt8]) -> Bool {
        switch PathNormalization.base.outcome(of: path) {
        case .unchanged: return false
        case .refused: return true
        case .changed(let resolved):
            func segments(_ path: [UInt8]) -> Int { path.prefix { $0 != 0x3f }.count { $0 == 0x2f } }
            return segments(resolved) != segments(path)
        }
    }

    private func mirror(_ made: HTTPFieldBlock) {
        guard let rules = entry?.route.mirrors, !rules.isEmpty else { return }
        for rule in rules where rule.hits(&worker.random) {
            guard case .cluster(let key) = rule.target(port: client.facts.port),
                let cluster = worker.clusters.cluster(key),
                let copy = MirrorCopy(
                    worker, cluster, made, version, isNone: content.isNone, source: client.address)
            else { continue }
            if !content.isNone { mirrors.append(copy) }
            copy.begin(content)
        }
    }

    // MARK: values of fields

    /// The text of a value: what its variables stand for is known of this request (I 2.12).
    func value(_ template: ValueTemplate, _ response: HTTPFieldBlock?) -> [UInt8] {
        template.value { variable in
            switch variable {
            case .request: ValueTemplate.field(variable, of: head)
            case .response(let name, let alternative, let limit):
                response.flatMap { fields in
                    let found = fields.firstValue(of: name) ?? alternative.flatMap { fields.firstValue(of: $0) }
                    return limit.flatMap { limit in found.map { Array($0.prefix(limit)) } } ?? found
                }
            case .named(let name): named(name).map { Array($0.utf8) }
            }
        }
    }

    private func named(_ name: String) -> String? {
        switch name {
        case "PROTOCOL": version.text
        case "RESPONSE_CODE": "\(record.status)"
        case "RESPONSE_FLAGS": record.flags.isEmpty ? "-" : record.flags.text
        case "ROUTE_NAME": entry?.name
        case "HOSTNAME": worker.configuration.name
        case "UPSTREAM_CLUSTER": forward?.cluster.name
        case "UPSTREAM_HOST", "UPSTREAM_REMOTE_ADDRESS": upstreamHost
        case "DOWNSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS": client.address
        case "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT":
            client.facts.source?.description
        case "DOWNSTREAM_LOCAL_ADDRESS": client.target.authority
        case "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT": client.facts.destination?.description
        case "DOWNSTREAM_LOCAL_PORT": "\(client.target.port)"
        case "DOWNSTREAM_LOCAL_URI_SAN": worker.identity.uri
        case "DOWNSTREAM_PEER_URI_SAN": client.identity?.uri
        case "REQUESTED_SERVER_NAME": client.entrance?.serverName
        case "START_TIME": RequestLog.time(record.start)
        default: nil
        }
    }

    /// The endpoint's address and port, for people.
    var upstreamHost: String? { lastEndpoint?.host }
}
