import LinuxSystem
package import MeshModel
package import MeshPolicy
import NodeCore

/// Whether the policies of the destination allow an inbound connection, from the facts that its record holds.
package enum Admission {
    /// Evaluates the policies of `snapshot` that apply to `record` (Z 4.3).
    package static func decide(
        _ connection: ProxiedConnection, _ record: Workload, _ snapshot: MeshSnapshot
    ) -> AuthorizationDecision {
        evaluate(snapshot: snapshot, destination: record, connection: facts(connection))
    }

    /// What the policies that are only reported would have done.
    package static func dryRuns(
        _ connection: ProxiedConnection, _ record: Workload, _ snapshot: MeshSnapshot
    ) -> [DryRunFinding] {
        dryRunFindings(snapshot: snapshot, destination: record, connection: facts(connection))
    }

    private static func facts(_ connection: ProxiedConnection) -> ConnectionFacts {
        ConnectionFacts(
            source: IPAddress(connection.source), destination: IPAddress(connection.target),
            port: connection.target.port,
            identity: connection.peer?.identity)
    }
}
