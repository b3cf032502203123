package import MeshAPI
import SwiftProtobuf

extension NodeConfiguration {
    /// Who this node says it is to the discovery server (Z 5.1).
    package func discoveryNode(version: String) -> Envoy_Config_Core_V3_Node {
        let namespace = podNamespace.isEmpty ? "ambit-system" : podNamespace
        let name = podName.isEmpty ? (nodeName ?? "ztunnel") : podName
        var fields: [String: Google_Protobuf_Value] = [:]
        for (name, value) in metadata { fields[name] = .with { $0.stringValue = value } }
        fields["NAME"] = .with { $0.stringValue = name }
        fields["NAMESPACE"] = .with { $0.stringValue = namespace }
        fields["INSTANCE_IPS"] = .with { $0.stringValue = instanceAddress }
        fields["CLUSTER_ID"] = .with { $0.stringValue = clusterID }
        fields["AMBIT_VERSION"] = .with { $0.stringValue = version }
        if let nodeName { fields["NODE_NAME"] = .with { $0.stringValue = nodeName } }
        return .with {
            $0.id = "ztunnel~\(instanceAddress)~\(name).\(namespace)~\(namespace).svc.\(clusterDomain)"
            $0.userAgentName = "ambit-ztunnel/\(version)"
            $0.metadata.fields = fields
        }
    }
}
