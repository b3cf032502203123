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
    /// New and changed resources of the mesh.
    package let updates: [MeshUpdate]
    /// New and changed lists of revoked certificates.
    package let revocations: [DiscoveryRevocation]
    /// New and changed objects that act on requests, by resource name.
    package let networking: [String: Resource]
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
        var revocations: [DiscoveryRevocation] = []
        var networking: [String: Resource] = [:]
        var versions: [String: String] = [:]
        var problems: [String] = []
        updates.reserveCapacity(response.resources.count)
        for resource in response.resources {
            do {
                switch kind {
                case .address: updates.append(try MeshUpdate(Istio_Workload_Address(unpackingAny: resource.resource)))
                case .authorization:
                    let policy = try Istio_Security_Authorization(unpackingAny: resource.resource)
                    updates.append(.policy(try Authorization(policy)))
                case .revocation:
                    let list = try Ambit_Security_V1_Revocation(unpackingAny: resource.resource)
                    revocations.append(
                        DiscoveryRevocation(name: resource.name, node: list.node, serials: list.serials))
                case .networking:
                    let message = try Ambit_Networking_V1_Resource(unpackingAny: resource.resource)
                    networking[resource.name] = try Resource(
                        networkingName: resource.name, bytes: try message.serializedBytes())
                }
                versions[resource.name] = resource.version
            } catch {
                problems.append("\(resource.name): \(error)")
            }
        }
        guard problems.isEmpty else { throw Refusal(problems: problems) }
        self.kind = kind
        self.updates = updates
        self.revocations = revocations
        self.networking = networking
        self.versions = versions
        removals = response.removedResources
    }

    /// The removals in the form that the snapshot takes.
    package var meshRemovals: [MeshRemoval] {
        switch kind {
        case .address: removals.map { .address($0) }
        case .authorization: removals.map { .policy($0) }
        case .revocation, .networking: []
        }
    }
}
