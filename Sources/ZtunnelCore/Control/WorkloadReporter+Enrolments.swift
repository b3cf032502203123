import MeshAPI
import MeshModel
package import MeshRuntime
package import NodeCore
import SwiftProtobuf

extension WorkloadReporter {
    /// Reports what is enrolled here: what `list` gives, under the name `node`, with the `health` of each uid.
    package convenience init(
        loop: EventLoop, client: GRPCClient, node: String, network: String,
        headers: @escaping () -> [(name: String, value: String)], list: @escaping () -> [EnrolmentStatus],
        health: @escaping (String) -> WorkloadHealthState = { _ in WorkloadHealthState() }, log: NodeLog
    ) {
        self.init(
            loop: loop, client: client, method: "/ambit.node.v1.NodeService/ReportWorkloads", headers: headers,
            message: {
                try Ambit_Node_V1_ReportWorkloadsRequest.with {
                    $0.node = node
                    $0.workloads = list().filter { !$0.addresses.isEmpty }.map {
                        Self.workload($0, health: health($0.record.uid), network: network)
                    }
                }.serializedBytes()
            }, log: log)
    }

    private static func workload(
        _ status: EnrolmentStatus, health: WorkloadHealthState, network: String
    ) -> Ambit_Node_V1_Workload {
        .with {
            $0.name = status.record.name
            $0.namespace = status.record.namespace
            $0.serviceAccount = status.record.serviceAccount
            $0.addresses = status.addresses.map(\.description)
            $0.labels = status.record.labels
            $0.ports = status.ports.mapValues(UInt32.init)
            $0.weight = status.record.weight
            $0.locality = status.record.locality
            $0.network = network
            $0.hostNetwork = status.sharesHost
            $0.group = status.record.group
            $0.healthy = status.problem == nil && status.note == nil && health.problem == nil
            $0.probeVersion = health.reportedVersion
        }
    }
}
