import FoundationEssentials
package import GRPCCore
package import Logging
package import MeshAPI
import SwiftProtobuf
import Synchronization

/// Delta ADS for nodes: `/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources` (Z 5.1, I 5.1).
///
/// One stream per node carries all types. A task reads requests, another waits for snapshots; both go through the stream's
/// `DiscoverySession`. Ends when the client ends, a limit is passed, or the server stops.
package struct AggregatedDiscoveryService: Sendable {
    /// The request message on the wire.
    package typealias Request = Envoy_Service_Discovery_V3_DeltaDiscoveryRequest
    /// The response message on the wire.
    package typealias Response = Envoy_Service_Discovery_V3_DeltaDiscoveryResponse

    let publisher: DiscoveryPublisher
    let nodes: NodeDirectory
    let registry: NodeRegistry
    let metrics: ControlMetrics
    let limits: DiscoveryLimits
    let trustDomain: String
    let logger: Logger

    /// Takes what it shares with the other services.
    package init(
        publisher: DiscoveryPublisher, nodes: NodeDirectory, registry: NodeRegistry, metrics: ControlMetrics,
        limits: DiscoveryLimits, trustDomain: String, logger: Logger
    ) {
        self.publisher = publisher
        self.nodes = nodes
        self.registry = registry
        self.metrics = metrics
        self.limits = limits
        self.trustDomain = trustDomain
        self.logger = logger
    }

    /// Answers one stream.
    package func deltaAggregatedResources(
        request: StreamingServerRequest<Request>, context: ServerContext
    ) async throws -> StreamingServerResponse<Response> {
        let peer = try await NodePeer.admitted(
            context, trustDomain: trustDomain, nodes: nodes, metrics: metrics, logger: logger, what: "discovery")
        guard publisher.sessionCount < limits.streams else {
            metrics.add(.refusals, label: "reason", value: "streams")
            throw RPCError(
                code: .resourceExhausted, message: "\(limits.streams) discovery streams are open; try again later")
        }
        return StreamingServerResponse { writer in
            do {
                try await serve(request.messages, to: writer, peer: peer)
            } catch {
                await nodes.saw(peer, version: registry.version(of: peer.name))
                throw error
            }
            await nodes.saw(peer, version: registry.version(of: peer.name))
            return [:]
        }
    }

    private func serve(
        _ messages: RPCAsyncSequence<Request, any Error>, to writer: RPCWriter<Response>, peer: NodePeer
    ) async throws {
        let stream = registry.connect(
            node: peer.name, address: peer.address, certificateExpires: peer.certificateExpires)
        metrics.add(.streams)
        logger.info("node \(peer.name) connected from \(peer.address)")
        var failure: String?
        defer {
            metrics.add(.streams, -1)
            registry.disconnect(node: peer.name, stream: stream, error: failure)
        }
        // Subscribed before the snapshot is read, so that none is missed between the two.
        let publications = publisher.publications()
        let session = DiscoverySession(
            node: peer.name, snapshot: publisher.snapshot, limits: limits,
            write: { try await writer.write(Self.encode($0)) },
            report: { progress in record(progress, peer: peer, stream: stream) })
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await message in messages {
                        try await receive(message, session: session, writer: writer, peer: peer, stream: stream)
                    }
                }
                group.addTask {
                    for await _ in publications { try await session.publish(publisher.snapshot) }
                }
                // A node that is cut off, and a certificate that expires, end the stream at once.
                let changes = nodes.changes(of: peer.name)
                group.addTask {
                    for await _ in changes { _ = try await nodes.admit(peer) }
                }
                group.addTask { try await expiry(of: peer) }
                // Whichever ends first ends the stream: the client is done, or the server stops.
                try await group.next()
                group.cancelAll()
            }
            logger.info("node \(peer.name) disconnected")
        } catch let refusal as SessionRefusal {
            failure = refusal.reason
            metrics.add(.refusals, label: "reason", value: "limit")
            logger.warning("node \(peer.name): discovery stream ended: \(refusal.reason)")
            throw RPCError(code: .resourceExhausted, message: refusal.reason)
        } catch let refusal as NodeRefusal {
            failure = refusal.message
            metrics.add(.refusals, label: "reason", value: refusal.code.rawValue)
            logger.warning("node \(peer.name): discovery stream cut: \(refusal.message)")
            throw refusal.rpcError
        } catch {
            logger.info("node \(peer.name) disconnected: \(error)")
            throw error
        }
    }

    /// Throws when the certificate that the stream was opened with expires: it must not live on behind an open stream.
    private func expiry(of peer: NodePeer) async throws {
        let left = peer.certificateExpires.timeIntervalSince(nodes.now())
        try await Task.sleep(for: .seconds(max(0, left)))
        throw NodeRefusal(
            .superseded,
            "the certificate \(peer.serialNumber) of node \(peer.name) has expired; the node connects again with a renewed one, "
                + "and without one it must join again")
    }

    private func receive(
        _ message: Request, session: DiscoverySession, writer: RPCWriter<Response>, peer: NodePeer, stream: UInt64
    ) async throws {
        if message.hasNode { registry.describe(node: peer.name, stream: stream, version: Self.version(message.node)) }
        guard let type = DiscoveryType(rawValue: message.typeURL) else {
            // A newer client may ask for more than we have. An empty answer, once per subscription, keeps it from waiting.
            guard message.responseNonce.isEmpty else { return }
            logger.warning("node \(peer.name) subscribed to \(message.typeURL), which is not served")
            metrics.add(.refusals, label: "reason", value: "type")
            var response = Response()
            response.typeURL = message.typeURL
            response.nonce = "unserved"
            try await writer.write(response)
            return
        }
        var request = DeltaRequest()
        request.subscribe = message.resourceNamesSubscribe
        request.unsubscribe = message.resourceNamesUnsubscribe
        request.initialVersions = message.initialResourceVersions
        request.responseNonce = message.responseNonce
        request.rejection = message.hasErrorDetail ? message.errorDetail.message : nil
        try await session.receive(request, type: type)
    }

    private func record(_ progress: DiscoverySession.Progress, peer: NodePeer, stream: UInt64) {
        registry.record(progress, node: peer.name, stream: stream)
        let type = progress.type.shortName
        switch progress.event {
        case .sent(let resources, let removed):
            metrics.add(.pushes, label: "type", value: type)
            logger.debug("node \(peer.name): sent \(resources) and removed \(removed) of \(type)")
        case .acknowledged:
            break
        case .rejected(let why):
            metrics.add(.rejections, label: "type", value: type)
            logger.warning("node \(peer.name) refused \(type): \(why)")
        case .stale:
            metrics.add(.expiredNonces)
        }
    }

    private static func encode(_ response: DeltaResponse) -> Response {
        var message = Response()
        message.typeURL = response.type.rawValue
        message.nonce = response.nonce
        message.systemVersionInfo = String(response.snapshotRevision)
        message.removedResources = response.removed
        message.resources = response.resources.map { resource in
            var one = Envoy_Service_Discovery_V3_Resource()
            one.name = resource.name
            one.version = resource.version
            one.aliases = resource.aliases
            var any = Google_Protobuf_Any()
            any.typeURL = response.type.rawValue
            any.value = Data(resource.payload)
            one.resource = any
            return one
        }
        return message
    }

    private static func version(_ node: Envoy_Config_Core_V3_Node) -> String {
        for key in ["AMBIT_VERSION", "ISTIO_VERSION"] {
            if let value = node.metadata.fields[key]?.stringValue, !value.isEmpty { return value }
        }
        return ""
    }
}
