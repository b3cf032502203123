import FoundationEssentials
package import GRPCCore
package import Logging
package import MeshAPI
import MeshModel
import SwiftProtobuf
import Synchronization

/// Signs workloads' certificates for the nodes that host them: `/istio.v1.auth.IstioCertificateService/CreateCertificate`.
///
/// A node names the workload's identity in the metadata field `ImpersonatedIdentity`, or only in the signing request. It gets a
/// certificate for identities that were granted to it and for nothing else (DESIGN D7, I 5.3, Z 5.4).
package struct CertificateService: Sendable {
    /// The request message on the wire.
    package typealias Request = Istio_V1_Auth_IstioCertificateRequest
    /// The response message on the wire.
    package typealias Response = Istio_V1_Auth_IstioCertificateResponse

    /// Requests that are being signed, per node.
    private final class Load: Sendable {
        private let counts = Mutex<[String: Int]>([:])

        func enter(_ node: String, limit: Int) -> Bool {
            counts.withLock { counts in
                let count = counts[node] ?? 0
                guard count < limit else { return false }
                counts[node] = count + 1
                return true
            }
        }

        func leave(_ node: String) {
            counts.withLock { counts in
                let count = (counts[node] ?? 1) - 1
                counts[node] = count > 0 ? count : nil
            }
        }
    }

    private let authority: Authority
    private let grants: any NodeGrants
    private let nodes: NodeDirectory
    private let registry: NodeRegistry
    private let metrics: ControlMetrics
    private let limits: DiscoveryLimits
    private let logger: Logger
    private let load = Load()

    /// Takes what it shares with the other services.
    package init(
        authority: Authority, grants: any NodeGrants, nodes: NodeDirectory, registry: NodeRegistry,
        metrics: ControlMetrics, limits: DiscoveryLimits, logger: Logger
    ) {
        self.authority = authority
        self.grants = grants
        self.nodes = nodes
        self.registry = registry
        self.metrics = metrics
        self.limits = limits
        self.logger = logger
    }

    /// Answers one request.
    package func createCertificate(
        request: ServerRequest<Request>, context: ServerContext
    ) async throws -> ServerResponse<Response> {
        metrics.add(.signingRequests)
        let peer = try await NodePeer.admitted(
            context, trustDomain: authority.trustDomain, nodes: nodes, metrics: metrics, logger: logger,
            what: "certificate")
        guard load.enter(peer.name, limit: limits.signingsPerNode) else {
            throw refuse(
                peer, .resourceExhausted, "load",
                "\(limits.signingsPerNode) certificates are being signed for node \(peer.name); ask again")
        }
        defer { load.leave(peer.name) }
        let message = request.message
        let uri = try name(in: message, peer: peer)
        let signed =
            uri == authority.nodeURI(peer.name)
            ? try await renew(message, peer: peer) : try await workloadCertificate(uri, message, peer: peer)
        metrics.add(.issuances)
        logger.info(
            "node \(peer.name): certificate \(signed.serialNumber) for \(uri) until \(signed.notAfter.ISO8601Format())")
        var response = Response()
        response.certChain = signed.chain
        return ServerResponse(message: response)
    }

    /// A new certificate for the node itself, which keeps its name, its membership and its grants: nothing of them is in the
    /// request. Recorded before it is handed out.
    private func renew(_ message: Request, peer: NodePeer) async throws(RPCError) -> SignedWorkloadCertificate {
        let signed = try sign(peer) { () throws(AuthorityError) in
            try authority.signNodeCertificate(csrPEM: message.csr, node: peer.name)
        }
        do throws(NodeRefusal) {
            try await nodes.renew(
                peer,
                to: NodeRecord.HeldCertificate(
                    serial: signed.serialNumber, notAfter: Int64(signed.notAfter.timeIntervalSince1970)))
        } catch {
            throw refuse(peer, error.rpcError.code, error.code.rawValue, error.message)
        }
        metrics.add(.nodeRenewals)
        return signed
    }

    private func workloadCertificate(
        _ uri: String, _ message: Request, peer: NodePeer
    ) async throws(RPCError) -> SignedWorkloadCertificate {
        let identity = try identity(uri, peer: peer)
        try await checkGrant(identity, peer: peer)
        let signed = try sign(peer) { () throws(AuthorityError) in
            try authority.signWorkloadCertificate(
                csrPEM: message.csr, identity: identity.uri, requestedLifetime: TimeInterval(message.validityDuration))
        }
        // What is not recorded could not be revoked: it is not handed out.
        do throws(NodeRefusal) {
            try await nodes.issue(
                signed.serialNumber, identity: identity, notAfter: Int64(signed.notAfter.timeIntervalSince1970),
                to: peer)
        } catch {
            throw refuse(peer, error.rpcError.code, error.code.rawValue, error.message)
        }
        registry.recordCertificate(node: peer.name, identity: identity.uri, expires: signed.notAfter)
        return signed
    }

    private func sign(
        _ peer: NodePeer, _ body: () throws(AuthorityError) -> SignedWorkloadCertificate
    ) throws(RPCError) -> SignedWorkloadCertificate {
        do throws(AuthorityError) {
            return try body()
        } catch {
            switch error.code {
            case .refuseRequest: throw refuse(peer, .invalidArgument, "request", error.message)
            case .refuseName: throw refuse(peer, .permissionDenied, "name", error.message)
            case .unusableFiles, .cannotSign: throw refuse(peer, .internalError, "authority", error.message)
            }
        }
    }

    /// The URI that a certificate is asked for.
    private func name(in message: Request, peer: NodePeer) throws(RPCError) -> String {
        let stated = message.metadata.fields["ImpersonatedIdentity"]?.stringValue ?? ""
        guard stated.isEmpty else { return stated }
        do throws(AuthorityError) {
            return try WorkloadCertificateRequest.soleURI(
                ofPEM: message.csr, maximumLength: authority.configuration.maximumRequestLength)
        } catch {
            throw refuse(peer, .invalidArgument, "request", error.message)
        }
    }

    private func identity(_ uri: String, peer: NodePeer) throws(RPCError) -> SPIFFEIdentity {
        guard let identity = SPIFFEIdentity(uri: uri), identity.trustDomain == authority.trustDomain else {
            throw refuse(
                peer, .permissionDenied, "name",
                "\"\(uri)\" is not the identity of a workload of this mesh "
                    + "(spiffe://\(authority.trustDomain)/ns/NAMESPACE/sa/SERVICEACCOUNT)")
        }
        return identity
    }

    private func checkGrant(_ identity: SPIFFEIdentity, peer: NodePeer) async throws(RPCError) {
        let granted: [NodeGrant]
        do {
            granted = try await grants.grants(of: peer.name)
        } catch {
            throw refuse(peer, .unavailable, "store", "the grants of node \(peer.name) cannot be read: \(error)")
        }
        guard
            granted.contains(where: {
                $0.covers(namespace: identity.namespace, serviceAccount: identity.serviceAccount)
            })
        else {
            let list = granted.isEmpty ? "nothing" : granted.map(\.description).joined(separator: ", ")
            throw refuse(
                peer, .permissionDenied, "grant",
                "node \(peer.name) may not have certificates for \(identity.uri): it was granted \(list). If it should: "
                    + "ambitctl node allow \(peer.name) \(identity.namespace)/\(identity.serviceAccount)")
        }
    }

    private func refuse(_ peer: NodePeer, _ code: RPCError.Code, _ reason: String, _ message: String) -> RPCError {
        metrics.add(.refusals, label: "reason", value: reason)
        registry.recordRefusal(node: peer.name, reason: message)
        logger.warning("certificate refused to node \(peer.name): \(message)")
        return RPCError(code: code, message: message)
    }
}
