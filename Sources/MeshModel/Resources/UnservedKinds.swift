/// Kinds of Istio, the Gateway API and Kubernetes that are not served here: refused by name, with what to do instead.
package enum UnservedKinds {
    /// What to do about a kind that is known but not served; nil for a kind that nobody knows.
    package static func remedy(for kind: String, apiVersion: String = "") -> String? {
        if kind == "Gateway", !apiVersion.hasPrefix(gatewayAPI) { return nil }
        if routes.contains(kind) {
            return "routes of the Gateway API are not served by this version; write a VirtualService "
                + "(networking.istio.io/v1), which routes the same traffic"
        }
        if gateways.contains(kind) {
            return "gateways of the Gateway API and of Kubernetes are not served by this version; write a Gateway of "
                + "networking.istio.io/v1 and a VirtualService"
        }
        if requestPolicies.contains(kind) {
            return "it is not served by this version; PeerAuthentication and AuthorizationPolicy act on connections, "
                + "VirtualService on requests"
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

    /// Whether a document of this kind says how a Kubernetes cluster runs programs and keeps their things. Leaving it out
    /// changes nothing that the mesh does, so that who applies files of both kinds may have it skipped; routes and policies are
    /// never skipped.
    package static func isClusterOnly(_ kind: String) -> Bool {
        podWorkloads.contains(kind) || clusterObjects.contains(kind)
    }

    private static let gatewayAPI = "gateway.networking.k8s.io/"

    private static let routes: Set<String> = [
        "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute",
        "BackendTLSPolicy", "ReferenceGrant",
    ]
    private static let gateways: Set<String> = ["Gateway", "GatewayClass", "ListenerSet", "Ingress", "IngressClass"]
    private static let requestPolicies: Set<String> = ["RequestAuthentication", "Telemetry"]
    private static let proxies: Set<String> = [
        "ProxyConfig", "EnvoyFilter", "WasmPlugin", "TrafficExtension",
    ]
    private static let podWorkloads: Set<String> = [
        "Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicationController",
    ]
    private static let clusterObjects: Set<String> = [
        "ConfigMap", "Endpoints", "EndpointSlice", "Role", "RoleBinding", "ClusterRole",
        "ClusterRoleBinding", "CustomResourceDefinition", "PersistentVolume", "PersistentVolumeClaim", "NetworkPolicy",
        "HorizontalPodAutoscaler", "PodDisruptionBudget", "Node", "LimitRange", "ResourceQuota", "StorageClass",
        "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration",
    ]
}
