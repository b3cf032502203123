package import MeshAPI
package import MeshModel
import SwiftProtobuf

/// A discovery response that could be read in full: what it changes in the node's picture of the mesh (Z 5.2).
package struct DiscoveryUpdate: Sendable {
    /// Why a response is refused: every problem is `name: reason`. Nothing of the response is applied (D11).
    package struct Refusal: Error, Equatable, Sendable {
        /// Never empty.
        package let problems: [String]
    }

    /// The type of all its resources.
    package let kind: DiscoveryKind
    /// New and changed resources.
    package let updates: [MeshUpdate]
    /// Their versions, by resource name.
    package let versions: [String: String]
    /// Names of resources that are gone.
    package let removals: [String]

    /// Reads all of `response`, or says everything that is wrong with it.
    package init(_ response: Envoy_Service_Discovery_V3_DeltaDiscoveryResponse) throws(Refusal) {
        guard let kind = DiscoveryKind(rawValue: response.typeURL) else {
            throw Refusal(problems: ["\(response.typeURL): this type was not asked for"])
        }
        var updates: [MeshUpdate] = []
        var versions: [String: String] = [:]
        var problems: [String] = []
        updates.reserveCapacity(response.resources.count)
        for resource in response.resources {
            do {
                updates.append(try Self.read(resource, kind))
                versions[resource.name] = resource.version
            } catch {
                problems.append("\(resource.name): \(error)")
            }
        }
        guard problems.isEmpty else { throw Refusal(problems: problems) }
        self.kind = kind
        self.updates = updates
        self.versions = versions
        removals = response.removedResources
    }

    /// The removals in the form that the snapshot takes.
    package var meshRemovals: [MeshRemoval] {
        removals.map { kind == .address ? .address($0) : .policy($0) }
    }

    private static func read(
        _ resource: Envoy_Service_Discovery_V3_Resource, _ kind: DiscoveryKind
    ) throws -> MeshUpdate {
        switch kind {
        case .address: try MeshUpdate(Istio_Workload_Address(unpackingAny: resource.resource))
        case .authorization: .policy(try Authorization(Istio_Security_Authorization(unpackingAny: resource.resource)))
        }
    }
}
