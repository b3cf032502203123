import FoundationEssentials
package import Logging
import MeshModel
package import MeshPolicy
import ServiceLifecycle
import Synchronization

/// Follows the resources in the store and publishes what they compile to.
///
/// Changes are gathered for `quietPeriod`, at most `longestDelay`, then compiled once. Automatic addresses are stored before
/// anything that has them is published. A failing store is tried again, with what was published last staying in force.
package final class MeshPublisher: ServiceLifecycle.Service {
    /// The setting that automatic addresses are stored under.
    static let addressesKey = "virtual-addresses"
    /// How long a failed store is left alone. Default 1 s.
    static let retryDelay = Duration.seconds(1)

    private struct Gathered: Sendable {
        var resources: [ResourceID: Resource] = [:]
        /// Whether the store was listed: before that there is nothing to publish.
        var isListed = false
        var debounce: Debounce
    }

    private let store: any ResourceStore
    private let mesh: MeshConfig
    private let revocations: @Sendable () -> [Revocation]
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let publisher: DiscoveryPublisher
    private let metrics: ControlMetrics
    private let limits: DiscoveryLimits
    private let logger: Logger
    private let gathered: Mutex<Gathered>
    private let published = Mutex(CompiledMesh())

    /// Prepares; nothing is read before `run`, which is called once. `revocations` gives what is published beside the mesh.
    package init(
        store: any ResourceStore, mesh: MeshConfig, publisher: DiscoveryPublisher, metrics: ControlMetrics,
        limits: DiscoveryLimits, logger: Logger, revocations: @escaping @Sendable () -> [Revocation] = { [] }
    ) {
        self.revocations = revocations
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.store = store
        self.mesh = mesh
        self.publisher = publisher
        self.metrics = metrics
        self.limits = limits
        self.logger = logger
        gathered = Mutex(
            Gathered(debounce: Debounce(quietPeriod: limits.quietPeriod, longestDelay: limits.longestDelay)))
    }

    /// What was published last, with its warnings.
    package var compiled: CompiledMesh { published.withLock { $0 } }

    /// Follows the store until cancelled or shut down.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.follow() }
                group.addTask { await self.publish(self.signals) }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// The revocations changed: publish them soon.
    package func revocationsChanged() {
        guard gathered.withLock({ $0.isListed }) else { return }
        gather { _ in }
    }

    private func follow() async {
        while !Task.isCancelled {
            do {
                let list = try await store.list(kind: nil, namespace: nil)
                gather { gathered in
                    gathered = Dictionary(
                        list.resources.map { (ResourceID($0), $0) }, uniquingKeysWith: { _, new in new })
                }
                for try await change in store.changes(after: list.revision) {
                    gather { gathered in
                        gathered[ResourceID(change.resource)] = change.event == .deleted ? nil : change.resource
                    }
                }
            } catch is CancellationError {
                return
            } catch {
                logger.error("the resources cannot be followed: \(error); trying again, what was published stays")
            }
            try? await Task.sleep(for: Self.retryDelay)
        }
    }

    private func gather(_ change: (inout [ResourceID: Resource]) -> Void) {
        gathered.withLock { gathered in
            change(&gathered.resources)
            gathered.isListed = true
            gathered.debounce.changeArrived(at: .now)
        }
        signal.yield()
    }

    private func publish(_ signals: AsyncStream<Void>) async {
        var encoder = DiscoveryEncoder(historyLimit: limits.changeHistory)
        var addresses: VirtualAddresses?
        for await _ in signals {
            while let deadline = gathered.withLock({ $0.debounce.deadline }) {
                if deadline > .now {
                    guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
                    continue
                }
                let resources = gathered.withLock { gathered in
                    gathered.debounce.reset()
                    return Array(gathered.resources.values)
                }
                do {
                    try await publish(resources, encoder: &encoder, addresses: &addresses)
                } catch {
                    logger.error("the mesh cannot be published: \(error); trying again, what was published stays")
                    gathered.withLock { $0.debounce.changeArrived(at: .now) }
                    guard (try? await Task.sleep(for: Self.retryDelay)) != nil else { return }
                }
            }
        }
    }

    private func publish(
        _ resources: [Resource], encoder: inout DiscoveryEncoder, addresses: inout VirtualAddresses?
    ) async throws {
        let inForce: VirtualAddresses
        if let addresses {
            inForce = addresses
        } else {
            inForce = VirtualAddressSetting.decode(try await store.setting(Self.addressesKey) ?? [])
        }
        let mesh = compile(resources, mesh: mesh, virtualAddresses: inForce)
        metrics.add(.compilations)
        if mesh.virtualAddresses != inForce {
            try await store.put(
                setting: Self.addressesKey, value: VirtualAddressSetting.encode(mesh.virtualAddresses))
        }
        addresses = mesh.virtualAddresses
        let snapshot = try encoder.encode(
            mesh, resources: resources, revocations: revocations(), after: publisher.snapshot)
        for type in DiscoveryType.allCases {
            metrics.set(
                .resources, to: snapshot.table(type).resources.count, label: "type", value: type.shortName)
        }
        metrics.set(.warnings, to: mesh.warnings.count)
        let before = Set(published.withLock { $0.warnings })
        for warning in mesh.warnings where !before.contains(warning) { logger.warning("\(warning)") }
        published.withLock { $0 = mesh }
        if snapshot.changedAnything || publisher.snapshot.revision == 0 { publisher.publish(snapshot) }
    }
}
