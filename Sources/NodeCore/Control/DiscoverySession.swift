package import MeshAPI
import SwiftProtobuf

/// One delta discovery conversation: which requests open it, and what answers a response (Z 5.1).
///
/// Pure: one value per gRPC stream, owned by the control loop. It never judges resources; the caller reads them and says
/// whether the response is accepted in full or refused (D11).
package struct DiscoverySession: Sendable {
    /// Problems named in one refusal; the rest is counted, so that a NACK stays readable and bounded.
    package static let refusalLimit = 50

    private let node: Envoy_Config_Core_V3_Node
    private let kinds: [DiscoveryKind]
    private var accepted: Set<DiscoveryKind> = []

    /// A conversation about resources of `kinds` that has not begun.
    package init(node: Envoy_Config_Core_V3_Node, kinds: [DiscoveryKind] = DiscoveryKind.ztunnel) {
        self.node = node
        self.kinds = kinds
    }

    /// Whether one response of every required type has been accepted: from then on the node knows the mesh as it is now.
    package var isSynchronised: Bool { kinds.allSatisfy { !$0.isRequired || accepted.contains($0) } }

    /// The first request of each type: who we are, and which version of each resource is already held, so that the server
    /// sends only what has changed.
    package func opening(holding versions: (DiscoveryKind) -> [String: String])
        -> [Envoy_Service_Discovery_V3_DeltaDiscoveryRequest]
    {
        kinds.map { kind in
            .with {
                $0.node = node
                $0.typeURL = kind.typeURL
                $0.initialResourceVersions = versions(kind)
            }
        }
    }

    /// The ACK of a response that was applied.
    package mutating func accept(
        _ kind: DiscoveryKind, nonce: String
    ) -> Envoy_Service_Discovery_V3_DeltaDiscoveryRequest {
        accepted.insert(kind)
        return .with {
            $0.typeURL = kind.typeURL
            $0.responseNonce = nonce
        }
    }

    /// The NACK of a response of which nothing was applied; every problem is `name: reason`.
    package func refuse(
        typeURL: String, nonce: String, problems: [String]
    ) -> Envoy_Service_Discovery_V3_DeltaDiscoveryRequest {
        var named = problems.prefix(Self.refusalLimit)
        if problems.count > named.count { named.append("and \(problems.count - named.count) more") }
        return .with {
            $0.typeURL = typeURL
            $0.responseNonce = nonce
            // google.rpc.Code INVALID_ARGUMENT
            $0.errorDetail.code = 3
            $0.errorDetail.message = named.joined(separator: "; ")
        }
    }
}
