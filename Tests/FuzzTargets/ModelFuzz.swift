import HTTPWire
import MeshAPI
import MeshModel
import MeshPolicy
import NodeCore
import SwiftProtobuf
import ZtunnelCore

/// Fuzz entries of what the control plane, peers and clients say: any bytes, no trap, and what is accepted is consistent.
package enum ModelFuzz {
    private static let source = Workload(
        uid: "source", name: "source", namespace: "ns1", addresses: [IPAddress(ipv4: 10, 0, 0, 1)],
        tunnelProtocol: .hbone)

    /// The bytes of a workload or service: what converts must come back the same, and connections to it be decided.
    package static func address(_ bytes: UnsafeRawBufferPointer) {
        guard let message = try? Istio_Workload_Address(serializedBytes: Array(bytes)),
            let update = try? MeshUpdate(message)
        else { return }
        let written: Istio_Workload_Address
        var targets: [IPAddress]
        switch update {
        case .workload(let workload):
            written = Istio_Workload_Address(workload)
            targets = workload.addresses
        case .service(let service):
            written = Istio_Workload_Address(service)
            targets = service.addresses.map(\.ip) + service.ranges.map(\.range.address)
        case .policy:
            preconditionFailure("an address is no policy")
        }
        guard let again: [UInt8] = try? written.serializedBytes() else { preconditionFailure("does not serialize") }
        precondition(
            (try? MeshUpdate(typeURL: TypeURLs.address, name: update.resourceName, bytes: again)) == update,
            "the model changes on the wire")
        var builder = SnapshotBuilder()
        let snapshot = builder.apply(updates: [
            .workload(source), update,
            .workload(
                Workload(
                    uid: "endpoint", name: "endpoint", namespace: "ns1", addresses: [IPAddress(ipv4: 10, 0, 0, 2)],
                    services: [ServiceName(namespace: "ns1", hostname: "a.example"): []])),
        ])
        targets = Array(targets.prefix(16)) + [IPAddress(ipv4: 10, 0, 0, 2)]
        for ip in targets {
            for port in [80, 15008] as [UInt16] {
                var random = SystemRandomNumberGenerator()
                let decision = decideOutbound(
                    snapshot: snapshot, source: source, target: TransportAddress(ip: ip, port: port), random: &random)
                if case .hbone(let route) = decision {
                    precondition(!route.expectedIdentities.isEmpty, "a tunnel to nobody in particular")
                }
            }
        }
        let removed = builder.apply(updates: [], removals: [.address(update.resourceName)])
        precondition(removed.workload(uid: update.resourceName) == nil || update.resourceName == "endpoint", "stays")
    }

    /// The bytes of a policy: what converts must come back the same; one with an element that is not understood allows
    /// nothing by the match that has it.
    package static func authorization(_ bytes: UnsafeRawBufferPointer) {
        guard let message = try? Istio_Security_Authorization(serializedBytes: Array(bytes)),
            let policy = try? Authorization(message)
        else { return }
        guard let again = try? Authorization(Istio_Security_Authorization(policy)) else {
            preconditionFailure("does not convert back")
        }
        precondition(again == policy, "the model changes on the wire")
        var builder = SnapshotBuilder()
        let snapshot = builder.apply(updates: [.policy(policy)])
        let destination = Workload(
            uid: "w", name: "w", namespace: policy.namespace, authorizationPolicies: [policy.key])
        for identity in [nil, source.identity] {
            let facts = ConnectionFacts(
                source: IPAddress(ipv4: 10, 0, 0, 1), destination: IPAddress(ipv4: 10, 0, 0, 2), port: 80,
                identity: identity)
            let decision = evaluate(snapshot: snapshot, destination: destination, connection: facts)
            _ = dryRunFindings(snapshot: snapshot, destination: destination, connection: facts)
            let isNeverUsable = policy.rules.allSatisfy { rule in
                rule.clauses.contains { !$0.matches.isEmpty && $0.matches.allSatisfy { !$0.unusable.isEmpty } }
            }
            if policy.action == .allow, !policy.isDryRun, isNeverUsable {
                precondition(decision != .allow, "widened by what is not understood")
            }
        }
    }

    private static let names: MeshSnapshot = {
        var builder = SnapshotBuilder()
        func vip(_ last: UInt8) -> NetworkAddress { NetworkAddress(network: "", ip: IPAddress(ipv4: 240, 0, 0, last)) }
        return builder.apply(updates: [
            .service(Service(name: "a", namespace: "ns1", hostname: "a.ns1.svc.cluster.local", addresses: [vip(1)])),
            .service(Service(name: "b", namespace: "ns1", hostname: "*.b.com", addresses: (2..<200).map { vip($0) })),
        ])
    }()

    /// A client's message: the answer stays within what the client takes, and is a response to it.
    package static func dns(_ bytes: UnsafeRawBufferPointer) {
        let message = Array(bytes)
        for transport in [DNSTransport.udp, .tcp] {
            var random = SystemRandomNumberGenerator()
            let reaction = DNSResponder.respond(
                to: message, transport: transport, client: source, snapshot: names, settings: DNSSettings(),
                random: &random)
            guard case .reply(let reply, let question, _, _) = reaction else { continue }
            check(reply, to: message)
            if transport == .udp, let question {
                precondition(reply.count <= max(512, Int(question.payloadSize ?? 0)), "too large for a datagram")
            }
        }
        if let failure = DNSResponder.failure(of: message, .serverFailure) { check(failure, to: message) }
        _ = DNSResponder.fit(message, to: message)
        _ = DNSResponder.fit(Array(repeating: 0, count: 5000), to: message)
    }

    private static func check(_ reply: [UInt8], to message: [UInt8]) {
        precondition(reply.count >= 12 && reply.count <= 65535, "no message")
        precondition(reply[0] == message[0] && reply[1] == message[1] && reply[2] & 0x80 != 0, "no response to it")
    }

    /// Text that names something: what parses prints, and parses again to the same.
    package static func identity(_ bytes: UnsafeRawBufferPointer) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let identity = SPIFFEIdentity(uri: text) { precondition(identity.uri == text, "another id") }
        check(IPAddress(text))
        check(CIDR(text))
        check(TransportAddress(text))
        check(ServiceName(text))
        check(PolicyName(text))
        if let token = try? JoinToken(parsing: text) {
            precondition((try? JoinToken(parsing: token.text)) == token, "another token")
            precondition(!token.description.contains(token.secret), "a secret in a log")
        }
        guard let authority = try? HBONEAuthority(parsing: text) else { return }
        let decision = decideInbound(
            snapshot: names, local: source, connectionDestination: IPAddress(ipv4: 10, 0, 0, 1), authority: authority)
        if case .forward(let route) = decision {
            precondition(!Ports.isCaptured(route.upstream.port), "back to ourselves")
        }
    }

    private static func check<Value: LosslessStringConvertible & Equatable>(_ value: Value?) {
        guard let value else { return }
        precondition(Value(value.description) == value, "prints as something else")
    }
}
