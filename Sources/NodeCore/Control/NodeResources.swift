import MeshAPI
package import MeshModel
package import MeshRuntime
import MeshTelemetry
import SwiftProtobuf

/// What this node has accepted from its control plane: published to the workers, and kept on the disk (D9).
///
/// Confined to the control loop. An update is applied whole and published in one step; nothing is published before every
/// type has arrived, because workloads without their policies would be served as if there were none (D11).
package final class NodeResources {
    /// How long changes are gathered before they are written to the disk.
    package static let saveDelay: Duration = .milliseconds(500)

    private let loop: EventLoop
    private let state: NodeState
    private let directory: StateDirectory?
    private let log: NodeLog
    private var builder = SnapshotBuilder()
    private var revocations: [String: DiscoveryRevocation] = [:]
    /// What this program asks for.
    package let kinds: [DiscoveryKind]
    /// The objects that act on requests, by their names in discovery; empty where they are not asked for. They go with the
    /// snapshot that was published last.
    package private(set) var networking: [String: Resource] = [:]
    private var held: [DiscoveryKind: [String: String]] = [:]
    private var arrived: Set<DiscoveryKind> = []
    private var unsaved: Set<DiscoveryKind> = []
    private var saveIsScheduled = false

    /// How long a write that failed waits for the next attempt.
    package static let retryDelay: Duration = .seconds(5)

    /// Whether this process is the one that writes the state. What changes while it is not is written when it is.
    package var isOwner = true {
        didSet { if isOwner, !unsaved.isEmpty { scheduleSave(Self.saveDelay) } }
    }

    /// Nothing is held. `directory` is nil where nothing may be stored.
    package init(
        loop: EventLoop, state: NodeState, directory: StateDirectory?, kinds: [DiscoveryKind] = DiscoveryKind.ztunnel,
        log: NodeLog
    ) {
        self.loop = loop
        self.kinds = kinds
        self.state = state
        self.directory = directory
        self.log = log
    }

    /// The versions of all resources of a type that are held.
    package func versions(_ kind: DiscoveryKind) -> [String: String] { held[kind] ?? [:] }

    /// Resources of a type that are held.
    package func count(_ kind: DiscoveryKind) -> Int { held[kind]?.count ?? 0 }

    /// Whether every required type has arrived.
    package var isComplete: Bool { isWhole(arrived) }

    private func isWhole(_ some: Set<DiscoveryKind>) -> Bool {
        kinds.allSatisfy { !$0.isRequired || some.contains($0) }
    }

    /// Applies an update, publishes the new snapshot and remembers it on the disk.
    package func accept(_ update: DiscoveryUpdate) {
        take(update)
        unsaved.insert(update.kind)
        if directory != nil, isComplete { scheduleSave(Self.saveDelay) }
    }

    private func take(_ update: DiscoveryUpdate) {
        if update.kind == .revocation { take(revocations: update) }
        if update.kind == .networking {
            for name in update.removals { networking[name] = nil }
            networking.merge(update.networking) { $1 }
        }
        let snapshot = builder.apply(updates: update.updates, removals: update.meshRemovals)
        var versions = held[update.kind] ?? [:]
        for name in update.removals { versions[name] = nil }
        versions.merge(update.versions) { $1 }
        held[update.kind] = versions
        arrived.insert(update.kind)
        if isComplete, update.kind != .revocation { state.publish(snapshot) }
    }

    /// In force at once, whatever else has not arrived yet: it only takes away.
    private func take(revocations update: DiscoveryUpdate) {
        for name in update.removals { revocations[name] = nil }
        for list in update.revocations {
            if revocations[list.name] == nil {
                log(.warn, "\(list.serials.count) certificates of node \(list.node) are revoked")
            }
            revocations[list.name] = list
        }
        state.publish(revoked: RevokedCertificates(revocations.values.map { ($0.node, $0.serials) }))
    }

    /// Publishes what the disk holds, so that a restart without the control plane serves the last state: every required type, or
    /// nothing of the mesh; revocations in any case. Returns whether there was any.
    package func restore() -> Bool {
        guard let directory else { return false }
        var updates: [DiscoveryUpdate] = []
        for kind in kinds {
            do {
                guard let bytes = try directory.read(Self.file(kind)) else { continue }
                let stored = try Envoy_Service_Discovery_V3_DeltaDiscoveryResponse(serializedBytes: bytes)
                updates.append(try DiscoveryUpdate(stored))
                log(.info, "\(stored.resources.count) resources of \(kind.typeURL) were read from \(directory.path)")
            } catch {
                log(.warn, "the stored state \(directory.path)/\(Self.file(kind)) is not used: \(error)")
            }
        }
        let isWhole = isWhole(Set(updates.map(\.kind)))
        for update in updates where isWhole || update.kind == .revocation { take(update) }
        return isWhole
    }

    /// Adds the resources of a file (LOCAL_XDS_PATH, JSON of ambit.local.v1.LocalState); all of them, or none.
    package func load(localState path: String) throws(ConfigurationFailure) {
        var problems: [String] = []
        do {
            let local = try Ambit_Local_V1_LocalState(jsonUTF8Bytes: try StateDirectory.readFile(path))
            var updates: [MeshUpdate] = []
            for (index, address) in local.addresses.enumerated() {
                do {
                    updates.append(try MeshUpdate(address))
                } catch {
                    problems.append("LOCAL_XDS_PATH=\(path): addresses[\(index)]: \(error)")
                }
            }
            for (index, policy) in local.authorizations.enumerated() {
                do {
                    updates.append(.policy(try Authorization(policy)))
                } catch {
                    problems.append("LOCAL_XDS_PATH=\(path): authorizations[\(index)]: \(error)")
                }
            }
            if problems.isEmpty { state.publish(builder.apply(updates: updates)) }
        } catch {
            problems.append("LOCAL_XDS_PATH=\(path): it must be JSON of ambit.local.v1.LocalState: \(error)")
        }
        guard problems.isEmpty else { throw ConfigurationFailure(problems: problems) }
    }

    private func scheduleSave(_ delay: Duration) {
        guard !saveIsScheduled else { return }
        saveIsScheduled = true
        _ = loop.schedule(after: delay) { [weak self] in
            guard let self else { return }
            saveIsScheduled = false
            save()
        }
    }

    /// Writes what has changed since the last time. What cannot be written stays as it was on the disk, and is tried again.
    package func save() {
        guard let directory, isComplete, isOwner else { return }
        for kind in unsaved {
            do {
                try directory.write(Self.file(kind), try stored(kind).serializedBytes())
                unsaved.remove(kind)
            } catch {
                log(
                    .error,
                    "the mesh state is not stored, a restart without the control plane will have the one before: \(error)"
                )
                scheduleSave(Self.retryDelay)
            }
        }
    }

    private func stored(_ kind: DiscoveryKind) throws -> Envoy_Service_Discovery_V3_DeltaDiscoveryResponse {
        var message = Envoy_Service_Discovery_V3_DeltaDiscoveryResponse()
        message.typeURL = kind.typeURL
        let snapshot = state.snapshot
        for (name, version) in held[kind] ?? [:] {
            var resource = Envoy_Service_Discovery_V3_Resource()
            resource.name = name
            resource.version = version
            switch kind {
            case .address:
                if let workload = snapshot.workload(uid: name) {
                    resource.resource = try .init(
                        message: Istio_Workload_Address.with { $0.workload = .init(workload) })
                } else if let key = ServiceName(name), let service = snapshot.service(key) {
                    resource.resource = try .init(message: Istio_Workload_Address.with { $0.service = .init(service) })
                } else {
                    continue
                }
            case .authorization:
                guard let key = PolicyName(name), let policy = snapshot.policy(key) else { continue }
                resource.resource = try .init(message: Istio_Security_Authorization(policy))
            case .revocation:
                guard let list = revocations[name] else { continue }
                resource.resource = try .init(
                    message: Ambit_Security_V1_Revocation.with {
                        $0.node = list.node
                        $0.serials = list.serials
                    })
            case .networking:
                guard let object = networking[name] else { continue }
                resource.resource = try .init(
                    message: try Ambit_Networking_V1_Resource(serializedBytes: try object.networkingMessage()))
            }
            message.resources.append(resource)
        }
        return message
    }

    private static func file(_ kind: DiscoveryKind) -> String {
        switch kind {
        case .address: "addresses.pb"
        case .authorization: "authorizations.pb"
        case .revocation: "revocations.pb"
        case .networking: "networking.pb"
        }
    }
}
