import MeshModel
import MeshRuntime
import NodeCore

/// HTTP connections to endpoints that wait for their next request, of one worker. An endpoint that closes one takes it out.
final class IdleConnections {
    /// Connections kept for one endpoint; more are closed.
    static let limit = 64

    private var waiting: [Key: [HTTPUpstream]] = [:]

    private struct Key: Hashable {
        let uid: String
        let port: UInt16
    }

    /// One that can be used now; the one that was used last, so that the others may be closed by their servers.
    func take(uid: String, port: UInt16) -> HTTPUpstream? {
        let key = Key(uid: uid, port: port)
        while let upstream = waiting[key]?.popLast() {
            upstream.onLost = nil
            if waiting[key]?.isEmpty == true { waiting[key] = nil }
            if upstream.channel.isOpen { return upstream }
        }
        return nil
    }

    /// Keeps one whose request is over.
    func give(_ upstream: HTTPUpstream) {
        let key = Key(uid: upstream.choice.workload.uid, port: upstream.choice.port)
        guard waiting[key, default: []].count < Self.limit else { return upstream.close() }
        waiting[key, default: []].append(upstream)
        upstream.onLost = { [weak self, weak upstream] _ in
            self?.waiting[key]?.removeAll { $0 === upstream }
            if self?.waiting[key]?.isEmpty == true { self?.waiting[key] = nil }
        }
    }

    func closeAll() {
        for upstream in waiting.values.flatMap({ $0 }) { upstream.close() }
        waiting = [:]
    }
}
