import Crypto
import MeshAPI
package import MeshModel
package import MeshPolicy
import SwiftProtobuf

/// Turns compiled meshes into snapshots for nodes, and keeps what did not change: a workload that is equal to the one before
/// is neither encoded nor hashed again.
///
/// A value that one task owns (`MeshPublisher`).
package struct DiscoveryEncoder: Sendable {
    private var workloads: [String: (Workload, DiscoveryResource)] = [:]
    private var services: [ServiceName: (Service, DiscoveryResource)] = [:]
    private var policies: [PolicyName: (Authorization, DiscoveryResource)] = [:]
    private var objects: [String: (Resource, DiscoveryResource)] = [:]
    private var revocations: [String: (Revocation, DiscoveryResource)] = [:]
    private let historyLimit: Int

    /// `historyLimit`: see `DiscoveryLimits.changeHistory`.
    package init(historyLimit: Int) {
        self.historyLimit = historyLimit
    }

    /// The snapshot that follows `previous`; `resources` are those that `mesh` was compiled of. Throws where a message cannot be encoded; nothing is published then.
    package mutating func encode(
        _ mesh: CompiledMesh, resources: [Resource] = [], revocations revoked: [Revocation] = [],
        after previous: DiscoverySnapshot
    ) throws -> DiscoverySnapshot {
        var addresses: [DiscoveryResource] = []
        addresses.reserveCapacity(mesh.workloads.count + mesh.services.count)
        var members: [String: [String]] = [:]
        var nextWorkloads: [String: (Workload, DiscoveryResource)] = [:]
        for workload in mesh.workloads {
            let resource: DiscoveryResource
            if let old = workloads[workload.uid], old.0 == workload {
                resource = old.1
            } else {
                resource = try Self.resource(
                    workload.uid, Istio_Workload_Address(workload),
                    aliases: workload.addresses.map { "\(workload.network)/\($0)" })
            }
            nextWorkloads[workload.uid] = (workload, resource)
            addresses.append(resource)
            for service in workload.services.keys { members[service.description, default: []].append(workload.uid) }
        }
        var nextServices: [ServiceName: (Service, DiscoveryResource)] = [:]
        for service in mesh.services {
            let resource: DiscoveryResource
            if let old = services[service.key], old.0 == service {
                resource = old.1
            } else {
                resource = try Self.resource(
                    service.key.description, Istio_Workload_Address(service),
                    aliases: service.addresses.map { "\($0.network)/\($0.ip)" })
            }
            nextServices[service.key] = (service, resource)
            addresses.append(resource)
        }
        var authorizations: [DiscoveryResource] = []
        var nextPolicies: [PolicyName: (Authorization, DiscoveryResource)] = [:]
        for policy in mesh.policies {
            let resource: DiscoveryResource
            if let old = policies[policy.key], old.0 == policy {
                resource = old.1
            } else {
                resource = try Self.resource(policy.key.description, Istio_Security_Authorization(policy), aliases: [])
            }
            nextPolicies[policy.key] = (policy, resource)
            authorizations.append(resource)
        }
        var nextRevocations: [String: (Revocation, DiscoveryResource)] = [:]
        for revocation in revoked {
            if let old = revocations[revocation.nodeID], old.0 == revocation {
                nextRevocations[revocation.nodeID] = old
            } else {
                let message = Ambit_Security_V1_Revocation.with {
                    $0.node = revocation.node
                    $0.serials = revocation.serials
                }
                nextRevocations[revocation.nodeID] = (
                    revocation, try Self.resource(revocation.nodeID, message, aliases: [])
                )
            }
        }
        let networking = try encode(resources)
        revocations = nextRevocations
        workloads = nextWorkloads
        services = nextServices
        policies = nextPolicies
        return DiscoverySnapshot(
            after: previous,
            tables: [
                .revocation: DiscoveryTable(nextRevocations.values.map(\.1)),
                .address: DiscoveryTable(addresses, members: members), .authorization: DiscoveryTable(authorizations),
                .networking: DiscoveryTable(networking),
            ], historyLimit: historyLimit)
    }

    /// The objects for waypoints, each with the nodes that may have it. What nobody may have is not encoded.
    private mutating func encode(_ resources: [Resource]) throws -> [DiscoveryResource] {
        let audience = WaypointAudience(resources)
        var next: [String: (Resource, DiscoveryResource)] = [:]
        var result: [DiscoveryResource] = []
        for resource in resources where Resource.isForWaypoints(resource.kind) {
            let nodes = audience.nodes(for: resource)
            guard !nodes.isEmpty else { continue }
            let name = resource.discoveryName
            var encoded: DiscoveryResource
            if let old = objects[name], old.0 == resource {
                encoded = old.1
            } else {
                let payload = try resource.networkingMessage()
                encoded = DiscoveryResource(
                    name: name, version: Self.version(of: payload), aliases: [], payload: payload)
            }
            encoded.audience = nodes
            next[name] = (resource, encoded)
            result.append(encoded)
        }
        objects = next
        return result
    }

    private static func resource(
        _ name: String, _ message: some SwiftProtobuf.Message, aliases: [String]
    ) throws -> DiscoveryResource {
        var options = BinaryEncodingOptions()
        // Maps in a fixed order: equal content must have an equal version, also in the next process.
        options.useDeterministicOrdering = true
        let payload: [UInt8] = try message.serializedBytes(options: options)
        return DiscoveryResource(name: name, version: version(of: payload), aliases: aliases, payload: payload)
    }

    private static func version(of payload: [UInt8]) -> String {
        SHA256.hash(data: payload).prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
