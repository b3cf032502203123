import MeshModel

/// Names of gateways in VirtualServices: `namespace/name`, or `mesh` for traffic between services.
enum GatewayName {
    /// The gateways that a list in a resource of `namespace` means; without any, the mesh.
    static func effective(_ names: [String], in namespace: String) -> Set<String> {
        guard !names.isEmpty else { return [VirtualServiceSpec.mesh] }
        return Set(
            names.map { name in
                name == VirtualServiceSpec.mesh || name.contains("/") ? name : older(name) ?? "\(namespace)/\(name)"
            })
    }

    /// The older form `name.namespace`, with or without `.svc` and more behind it, as Istio still takes it.
    private static func older(_ name: String) -> String? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count > 1 ? "\(parts[1])/\(parts[0])" : nil
    }
}
