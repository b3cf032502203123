package import MeshModel

/// What is known of the health of one workload of this node.
package struct WorkloadHealthState: Equatable, Sendable {
    /// The probe that the control plane gave; nil: the workload is not asked.
    package struct Probe: Equatable, Sendable {
        package let version: String
        package let probe: ReadinessProbe
        package var health = ProbeSchedule.Health.unknown
        /// The answer of the last verdict.
        package var answer = ""
    }

    /// Why somebody took it out of the endpoints.
    package enum Drain: Equatable, Sendable {
        /// An administrator did, until taken back; kept over a restart.
        case drained
        /// It stops. Not kept: a node that comes back finds it running, or not.
        case stopping
    }

    package var probe: Probe?
    /// Somebody takes it out of the endpoints, whatever its probe says.
    package var drain: Drain?

    /// Nothing is known: a workload that is not asked can take traffic.
    package init() {}

    /// Why it takes no traffic now, nil if nothing speaks against it.
    package var problem: String? {
        switch drain {
        case .drained: return "it is drained; take it back with `ambitctl undrain`"
        case .stopping: return "it is stopping; it is taken back when it has started again"
        case nil: break
        }
        guard let probe, probe.health == .unhealthy else { return nil }
        return "its probe fails: \(probe.answer)"
    }

    /// The version that the report names: only an outcome has one.
    package var reportedVersion: String {
        guard let probe, probe.health != .unknown else { return "" }
        return probe.version
    }
}
