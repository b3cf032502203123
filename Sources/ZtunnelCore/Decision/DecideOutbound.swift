package import MeshModel
import NodeCore

/// Decides where a captured connection of `source` to `target` goes (Z 3). `excluding` names workloads that were tried
/// and did not answer; `random` chooses among equals.
///
/// Pure; the same arguments and the same numbers give the same decision. Any thread.
package func decideOutbound(
    snapshot: MeshSnapshot, source: Workload, target: TransportAddress, excluding: Set<String> = [],
    random: inout some RandomNumberGenerator
) -> OutboundDecision {
    OutboundPlan(
        snapshot: snapshot, source: source, target: TransportAddress(ip: target.ip.unmapped, port: target.port),
        excluded: excluding
    ).decide(random: &random)
}
