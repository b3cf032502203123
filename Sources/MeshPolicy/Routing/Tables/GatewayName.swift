import MeshModel

/// Names of gateways in VirtualServices: `namespace/name`, or `mesh` for traffic between services.
enum GatewayName {
    /// The gateways that a list in a resource of `namespace` means; without any, the mesh.
    static func effective(_ names: [String], in namespace: String) -> Set<String> {
        guard !names.isEmpty else { return [VirtualServiceSpec.mesh] }
        return Set(
            names.map { name in
                name == VirtualServiceSpec.mesh || name.contains("/") ? name : "\(namespace)/\(name)"
            })
    }
}
