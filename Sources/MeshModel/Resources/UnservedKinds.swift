/// Kinds of Istio, the Gateway API and Kubernetes that are not served here: refused by name, with what to do instead.
package enum UnservedKinds {
    /// What to do about a kind that is known but not served; nil for a kind that nobody knows.
    package static func remedy(for kind: String) -> String? {
        if routes.contains(kind) {
            return "HTTP routing needs a waypoint, which this version does not serve; "
                + "leave it out, traffic between services is carried without it"
        }
        if gateways.contains(kind) {
            return "gateways are not served by this version; reach the mesh through an enrolled workload"
        }
        if requestPolicies.contains(kind) {
            return "it acts on requests, which needs a waypoint; this version serves PeerAuthentication and "
                + "AuthorizationPolicy on connections"
        }
        if proxies.contains(kind) {
            return "it configures Envoy or a sidecar; Ambit runs neither, so it has no counterpart"
        }
        if podWorkloads.contains(kind) {
            return "Ambit runs no containers: run the program as a systemd unit or in a network namespace and enrol it "
                + "with `ambitctl enroll`; Services select WorkloadEntries by their labels"
        }
        if clusterObjects.contains(kind) {
            return "it belongs to a Kubernetes cluster and means nothing on hosts; leave it out"
        }
        return nil
    }

    /// What is served, for remedies.
    package static var served: String {
        ResourceKind.allCases.map(\.kind).joined(separator: ", ")
    }

    private static let routes: Set<String> = [
        "VirtualService", "DestinationRule", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute",
        "BackendTLSPolicy", "ReferenceGrant",
    ]
    private static let gateways: Set<String> = ["Gateway", "GatewayClass", "ListenerSet", "Ingress", "IngressClass"]
    private static let requestPolicies: Set<String> = ["RequestAuthentication", "Telemetry"]
    private static let proxies: Set<String> = [
        "Sidecar", "ProxyConfig", "EnvoyFilter", "WasmPlugin", "TrafficExtension",
    ]
    private static let podWorkloads: Set<String> = [
        "Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicationController",
    ]
    private static let clusterObjects: Set<String> = [
        "ConfigMap", "Secret", "Endpoints", "EndpointSlice", "Role", "RoleBinding", "ClusterRole",
        "ClusterRoleBinding", "CustomResourceDefinition", "PersistentVolume", "PersistentVolumeClaim", "NetworkPolicy",
        "HorizontalPodAutoscaler", "PodDisruptionBudget", "Node", "LimitRange", "ResourceQuota", "StorageClass",
        "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration",
    ]
}
