import MeshAPI
import MeshModel
import SwiftProtobuf

extension WaypointConfiguration {
    /// Who this process says it is to the discovery server (I 5.1).
    var discoveryNode: Envoy_Config_Core_V3_Node {
        var fields: [String: Google_Protobuf_Value] = [:]
        for (name, value) in [
            ("NAME", name), ("NAMESPACE", namespace), ("CLUSTER_ID", clusterID), ("NODE_NAME", nodeName ?? ""),
            ("AMBIT_VERSION", Release.version),
        ] where !value.isEmpty {
            fields[name] = .with { $0.stringValue = value }
        }
        return .with {
            $0.id = "waypoint~0.0.0.0~\(name).\(namespace)~\(namespace).svc.\(clusterDomain)"
            $0.userAgentName = "ambit-waypoint/\(Release.version)"
            $0.metadata.fields = fields
        }
    }
}
