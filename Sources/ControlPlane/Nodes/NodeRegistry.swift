package import FoundationEssentials
import Synchronization

/// Which nodes are connected and in step. Bounded by the number of nodes that certificates were issued to.
///
/// A node that reconnects before its old stream was found dead is shown with the newer stream.
package final class NodeRegistry: Sendable {
    private struct State: Sendable {
        var nodes: [String: NodeStatus] = [:]
        var nextStream: UInt64 = 0
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Date

    /// Starts without nodes; `now` is the clock of what is shown.
    package init(now: @escaping @Sendable () -> Date = { Date() }) {
        self.now = now
    }

    /// A stream of `node` opened; the number is its name in the calls below.
    package func connect(node: String, address: String, certificateExpires: Date?) -> UInt64 {
        let now = now()
        return state.withLock { state in
            state.nextStream &+= 1
            var status = state.nodes[node] ?? NodeStatus(name: node)
            status.address = address
            status.certificateExpires = certificateExpires
            status.connectedSince = now
            status.lastSeen = now
            status.stream = state.nextStream
            status.sync = [:]
            state.nodes[node] = status
            return state.nextStream
        }
    }

    /// The node said which version it runs.
    package func describe(node: String, stream: UInt64, version: String) {
        change(node, stream) { $0.version = version }
    }

    /// Something happened to a subscription of the node.
    package func record(_ progress: DiscoverySession.Progress, node: String, stream: UInt64) {
        let now = now()
        change(node, stream) { status in
            let subscription = progress.subscription
            var sync = status.sync[progress.type] ?? NodeStatus.Sync()
            sync.sentNonce = subscription.sentNonce
            sync.acknowledgedNonce = subscription.acknowledgedNonce
            sync.resources = subscription.heldCount
            sync.lastError = subscription.lastRejection
            if subscription.isInFlight {
                sync.state = .stale
            } else if subscription.lastRejection != nil {
                sync.state = .rejected
            } else {
                sync.state = subscription.sentNonce.isEmpty ? .notSent : .synced
            }
            if progress.event != .stale { sync.lastChange = now }
            status.sync[progress.type] = sync
        }
    }

    /// The stream ended. `error` is shown where it ended badly.
    package func disconnect(node: String, stream: UInt64, error: String?) {
        let now = now()
        change(node, stream) { status in
            status.connectedSince = nil
            status.lastSeen = now
            status.stream = nil
            if let error { status.lastError = error }
        }
    }

    /// A certificate was issued to the node.
    package func recordCertificate(node: String, identity: String, expires: Date) {
        let now = now()
        state.withLock { state in
            var status = state.nodes[node] ?? NodeStatus(name: node)
            status.certificates[identity] = expires
            // An identity that left the node is forgotten when its last certificate expires.
            status.certificates = status.certificates.filter { $0.value > now }
            state.nodes[node] = status
        }
    }

    /// The node asked for something, and its certificate was good.
    package func seen(_ node: String) {
        let now = now()
        state.withLock { state in
            var status = state.nodes[node] ?? NodeStatus(name: node)
            status.lastSeen = now
            state.nodes[node] = status
        }
    }

    /// The version that the node said it runs.
    package func version(of node: String) -> String? { state.withLock { $0.nodes[node]?.version } }

    /// The node was deleted.
    package func forget(_ node: String) {
        state.withLock { $0.nodes[node] = nil }
    }

    /// Something that the node asked for was refused.
    package func recordRefusal(node: String, reason: String) {
        state.withLock { state in
            var status = state.nodes[node] ?? NodeStatus(name: node)
            status.lastError = reason
            state.nodes[node] = status
        }
    }

    /// All nodes that were seen since ambitd started, by name.
    package var nodes: [NodeStatus] {
        state.withLock { state in state.nodes.values.sorted { $0.name < $1.name } }
    }

    private func change(_ node: String, _ stream: UInt64, _ body: (inout NodeStatus) -> Void) {
        state.withLock { state in
            guard var status = state.nodes[node], status.stream == stream else { return }
            body(&status)
            state.nodes[node] = status
        }
    }
}
