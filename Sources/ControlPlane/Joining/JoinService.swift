import FoundationEssentials
package import Logging
package import MeshModel
import Synchronization

/// Takes new nodes: a token that is proved buys one certificate, once (DESIGN D7, journey 4). Owns no socket.
///
/// Using a token, making the node and granting what the token says are one transaction, so of two who join at the same moment
/// with one token, one has done nothing. Nothing is signed for who has not proved the secret.
package final class JoinService: Sendable {
    private let authority: Authority
    private let tokens: JoinTokens
    private let administration: NodeAdministration
    private let controlPort: Int
    private let metrics: ControlMetrics
    private let logger: Logger
    private let rate: Mutex<JoinRateLimit>

    /// `controlPort` is where nodes connect once they have joined.
    package init(
        authority: Authority, tokens: JoinTokens, administration: NodeAdministration, controlPort: Int,
        metrics: ControlMetrics, logger: Logger
    ) {
        self.authority = authority
        self.tokens = tokens
        self.administration = administration
        self.controlPort = controlPort
        self.metrics = metrics
        self.logger = logger
        rate = Mutex(JoinRateLimit(limits: tokens.limits, now: .now))
    }

    /// Bounds that the server needs.
    var limits: JoinLimits { tokens.limits }

    /// What is told to anybody: the roots, which a joining node compares with its pin, the name that its certificate will have,
    /// and the time, by which it finds out that its clock is wrong.
    package var meshDocument: JSONValue {
        .object([
            "trustDomain": .string(authority.trustDomain), "roots": .string(authority.rootsPEM),
            "time": .string(authority.configuration.now().ISO8601Format()),
        ])
    }

    /// Whether a request of `address` is looked at at all.
    package func admits(_ address: String) -> Bool {
        let isAdmitted = rate.withLock { $0.admits(address, now: .now) }
        // One line would tell as much as a thousand: only counted.
        if !isAdmitted { metrics.add(.joins, label: "outcome", value: JoinRefusal.Code.rate.rawValue) }
        return isAdmitted
    }

    /// Answers one request that came from `address`; `body` is nil where it was larger or slower than the bounds.
    package func join(_ body: [UInt8]?, from address: String) async throws(JoinRefusal) -> JSONValue {
        do throws(JoinRefusal) {
            guard let body else {
                throw JoinRefusal(
                    .malformed,
                    "the request is larger than \(limits.requestBytes) bytes, or did not arrive within \(limits.requestTime)"
                )
            }
            let request = try JoinRequest(body)
            let (answer, token) = try await join(request, from: address)
            metrics.add(.joins, label: "outcome", value: "joined")
            logger.notice("node \(request.node) joined from \(address) with token \(token.id)")
            return answer
        } catch {
            rate.withLock { $0.refused(address, now: .now) }
            metrics.add(.joins, label: "outcome", value: error.code.rawValue)
            logger.warning("join refused to \(address): \(error.message)")
            throw error
        }
    }

    private func join(
        _ request: JoinRequest, from address: String
    ) async throws(JoinRefusal) -> (JSONValue, JoinTokenRecord) {
        let nodes = administration.nodes
        for _ in 0..<NodeDirectory.attempts {
            let (token, stored) = try await tokens.find(request.tokenID, secret: request.secret)
            try check(token, request, address: address)
            let key = NodeRecord.key(of: token.node)
            let present = try await reading { () async throws(StoreError) in try await nodes.store.setting(key) }
            if let record = present.flatMap(NodeRecord.init(stored:)), !token.replaces {
                // Who took the name may have used this very token since it was read: both are stored together.
                try check(
                    try await tokens.find(request.tokenID, secret: request.secret).record, request, address: address)
                throw JoinRefusal(.nameTaken, JoinTokens.taken(record))
            }
            let signed = try sign(request)
            let now = nodes.time
            var used = token
            used.use = .used(at: now, from: address)
            let record = NodeRecord(
                name: token.node, id: NodeDirectory.newID(), created: now, origin: "token \(token.id) from \(address)",
                standing: .active([
                    .init(serial: signed.serialNumber, notAfter: Int64(signed.notAfter.timeIntervalSince1970))
                ]))
            let grants: SettingChange
            do throws(NodeRefusal) {
                grants = try await nodes.grantChange(token.grants, of: token.node)
            } catch {
                throw JoinRefusal(.unavailable, error.message)
            }
            let changes = [
                SettingChange(JoinTokenRecord.key(token.id), from: stored, to: used.stored),
                SettingChange(key, from: present, to: record.stored), grants,
            ]
            // Not committed: somebody was faster. What is true now decides, from the beginning.
            guard try await reading({ () async throws(StoreError) in try await nodes.store.commit(changes) }) else {
                continue
            }
            await settle(token.node)
            return (answer(signed, token: token), token)
        }
        throw JoinRefusal(.unavailable, "the records of node \(request.node) change all the time; try again")
    }

    private func check(_ token: JoinTokenRecord, _ request: JoinRequest, address: String) throws(JoinRefusal) {
        if case .used(let time, let place) = token.use {
            let then = Date(timeIntervalSince1970: TimeInterval(time)).ISO8601Format()
            throw JoinRefusal(
                .usedToken,
                "the token \(token.id) was used at \(then) from \(place), and a token is used once. If that was not you: "
                    + "ambitctl node revoke \(token.node). To join: ambitctl token create --node \(token.node) --replace --allow ..."
            )
        }
        guard administration.nodes.time < token.expires else {
            let then = Date(timeIntervalSince1970: TimeInterval(token.expires)).ISO8601Format()
            throw JoinRefusal(
                .expiredToken,
                "the token \(token.id) expired at \(then); make a new one: ambitctl token create --node \(token.node) "
                    + "--allow ... (--ttl for a longer life)")
        }
        guard request.node == token.node else {
            throw JoinRefusal(
                .otherNode,
                "the token \(token.id) is for node \(token.node), not for \(request.node); make one for it: "
                    + "ambitctl token create --node \(request.node) --allow ...")
        }
    }

    private func sign(_ request: JoinRequest) throws(JoinRefusal) -> SignedWorkloadCertificate {
        do throws(AuthorityError) {
            return try authority.signNodeCertificate(csrPEM: request.csr, node: request.node)
        } catch {
            switch error.code {
            case .refuseRequest, .refuseName: throw JoinRefusal(.malformed, error.message)
            case .unusableFiles, .cannotSign: throw JoinRefusal(.unavailable, error.message)
            }
        }
    }

    /// A node that took another's place: what the other one had is worth nothing now.
    private func settle(_ node: String) async {
        do throws(NodeRefusal) {
            _ = try await administration.settle(node)
        } catch {
            logger.error("node \(node) joined, but: \(error.message)")
        }
    }

    private func answer(_ signed: SignedWorkloadCertificate, token: JoinTokenRecord) -> JSONValue {
        .object([
            "node": .string(token.node), "trustDomain": .string(authority.trustDomain),
            "certificate": .string(signed.chain.dropLast().joined()), "roots": .string(authority.rootsPEM),
            "notAfter": .string(signed.notAfter.ISO8601Format()), "controlPort": .int(Int64(controlPort)),
            "grants": .array(token.grants.map { .string($0.description) }),
        ])
    }

    private func reading<Value>(_ body: () async throws(StoreError) -> Value) async throws(JoinRefusal) -> Value {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw JoinRefusal(.unavailable, "\(error)")
        }
    }
}
