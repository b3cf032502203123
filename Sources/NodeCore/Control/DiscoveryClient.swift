import HTTPWire
package import MeshAPI
package import MeshRuntime
import MeshTelemetry
import SwiftProtobuf

/// Subscribes this node to its control plane over delta ADS, for as long as the node runs (Z 5.1).
///
/// Confined to the control loop. While it is not connected the node serves the last state that it accepted.
package final class DiscoveryClient {
    /// The method that is called.
    package static let method = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
    /// The first wait after an error, and the longest.
    package static let retry: (first: Duration, limit: Duration) = (.milliseconds(20), .seconds(15))
    /// The wait after a stream that worked has ended.
    package static let reconnectDelay: Duration = .milliseconds(10)

    /// What the metrics page shows.
    package struct Counters: Sendable {
        /// Ended streams by Istio's reasons.
        package var terminations: [String: UInt64] = [:]
        /// Responses by type URL.
        package var messages: [String: UInt64] = [:]
        /// Their bytes.
        package var messageBytes: [String: UInt64] = [:]
        /// Responses that were refused, by type URL.
        package var refusals: [String: UInt64] = [:]

        /// Nothing yet.
        package init() {}
    }

    private let loop: EventLoop
    private let client: GRPCClient
    private let resources: NodeResources
    private let node: Envoy_Config_Core_V3_Node
    private let headers: () -> [(name: String, value: String)]
    private let log: NodeLog
    private var session: DiscoverySession
    private var stream: GRPCStream?
    private var backoff = Backoff(first: retry.first, limit: retry.limit)
    private var hasHeard = false
    private var isStopped = false
    private var lastFailure = ""
    private var random = SystemRandomNumberGenerator()

    /// So far.
    package private(set) var counters = Counters()
    /// Whether the control plane has been heard on the present stream.
    package var isConnected: Bool { stream != nil && hasHeard }
    /// Whether every type was accepted at least once, on any stream.
    package private(set) var isSynchronised = false
    /// Called on each stream's first answer: what this node tells the control plane must be told again.
    package var onConnected: () -> Void = {}
    /// Called once, when `isSynchronised` becomes true.
    package var onSynchronised: () -> Void = {}

    /// Does nothing before `start`. `headers` are made per stream: a token may have been renewed.
    package init(
        loop: EventLoop, client: GRPCClient, resources: NodeResources, node: Envoy_Config_Core_V3_Node,
        headers: @escaping () -> [(name: String, value: String)],
        log: NodeLog
    ) {
        self.loop = loop
        self.client = client
        self.resources = resources
        self.node = node
        self.headers = headers
        self.log = log
        session = DiscoverySession(node: node, kinds: resources.kinds)
    }

    /// Connects, and again whenever the stream ends.
    package func start() {
        guard !isStopped, stream == nil else { return }
        session = DiscoverySession(node: node, kinds: resources.kinds)
        hasHeard = false
        let stream = client.stream(
            Self.method, headers: headers(),
            onMessage: { [weak self] bytes in self?.receive(bytes) },
            onEnd: { [weak self] status in self?.ended(status) })
        self.stream = stream
        for request in session.opening(holding: resources.versions) { send(request) }
    }

    /// Moves to a new stream, as after an outage: only what has changed is sent again, and the last state stays in force.
    package func restart() {
        guard !isStopped, let old = stream else { return }
        stream = nil
        old.cancel()
        start()
    }

    /// Ends the stream for good.
    package func stop() {
        isStopped = true
        stream?.cancel()
        stream = nil
    }

    private func receive(_ bytes: [UInt8]) {
        let response: Envoy_Service_Discovery_V3_DeltaDiscoveryResponse
        do {
            response = try Envoy_Service_Discovery_V3_DeltaDiscoveryResponse(serializedBytes: bytes)
        } catch {
            // Without a nonce there is nothing to refuse: the stream is not worth keeping.
            log(.error, "the control plane sent a discovery response that cannot be read: \(error)")
            stream?.cancel()
            return ended(GRPCStatus(code: .internalError, message: "unreadable response"))
        }
        counters.messages[response.typeURL, default: 0] &+= 1
        counters.messageBytes[response.typeURL, default: 0] &+= UInt64(bytes.count)
        if !hasHeard {
            hasHeard = true
            lastFailure = ""
            backoff.reset()
            log(.info, "connected to the control plane \(client.target)")
            onConnected()
        }
        do throws(DiscoveryUpdate.Refusal) {
            let update = try DiscoveryUpdate(response)
            resources.accept(update)
            send(session.accept(update.kind, nonce: response.nonce))
            log(
                .debug,
                "accepted \(update.updates.count) updates and \(update.removals.count) removals of \(response.typeURL)")
        } catch {
            counters.refusals[response.typeURL, default: 0] &+= 1
            let shown = error.problems.prefix(5).joined(separator: "; ")
            log(.error, "refused an update of \(response.typeURL), the state before it stays in force: \(shown)")
            send(session.refuse(typeURL: response.typeURL, nonce: response.nonce, problems: error.problems))
        }
        if session.isSynchronised, !isSynchronised {
            isSynchronised = true
            onSynchronised()
        }
    }

    private func send(_ request: Envoy_Service_Discovery_V3_DeltaDiscoveryRequest) {
        do {
            stream?.send(try request.serializedBytes())
        } catch {
            log(.error, "a discovery request cannot be encoded: \(error)")
        }
    }

    private func ended(_ status: GRPCStatus) {
        guard stream != nil, !isStopped else { return }
        stream = nil
        let reason = hasHeard ? (status.code == .ok ? "Complete" : "Reconnect") : "ConnectionError"
        counters.terminations[reason, default: 0] &+= 1
        let wait = hasHeard ? Self.reconnectDelay : backoff.next(random: &random)
        // An outage is one line per distinct reason, however long it lasts.
        if status.description != lastFailure {
            lastFailure = status.description
            log(.warn, "not connected to the control plane \(client.target): \(status); the last state stays in force")
        }
        _ = loop.schedule(after: wait) { [weak self] in self?.start() }
    }
}
