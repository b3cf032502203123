/// Kinds of Kubernetes, Istio and the Gateway API that people have in their files and that are not served (yet): each is
/// refused by name, with what to do about it.
package enum UnservedKinds {
    /// What to tell the person who applies this kind; nil where the kind is not known at all.
    package static func remedy(for kind: String) -> String? {
        switch kind {
        case "VirtualService", "DestinationRule", "Gateway", "Sidecar", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute",
            "UDPRoute", "GatewayClass", "ReferenceGrant", "BackendTLSPolicy", "ListenerSet":
            "traffic management belongs to the waypoint, which this version does not have; leave the document out"
        case "RequestAuthentication":
            "JWT authentication belongs to the waypoint, which this version does not have; leave the document out"
        case "Telemetry", "WasmPlugin", "TrafficExtension", "EnvoyFilter", "ProxyConfig":
            "this version has no such extension point; leave the document out"
        case "Secret", "ConfigMap":
            "this version reads no configuration from it; leave the document out"
        case "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "CronJob", "Pod":
            "workloads run on hosts: enrol them with `ambitctl enroll`, or describe them with a WorkloadEntry"
        case "Endpoints", "EndpointSlice", "Ingress", "NetworkPolicy", "Node":
            "hosts have no such object: use Service with WorkloadEntry, or AuthorizationPolicy"
        default: nil
        }
    }
}
