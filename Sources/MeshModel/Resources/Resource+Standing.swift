extension Resource {
    /// What this valid object does not do yet; nil where it is in force once it is stored. Who writes one reads it each time, so that
    /// nobody takes "created" for "traffic moved".
    package var standing: String? {
        switch kind {
        case .virtualService where !isForMesh: Self.needsGateway
        case .gateway: Self.needsGateway
        // A Secret is there for gateways; a Sidecar's own warning says that it never has an effect.
        case .secret: "it is stored, and only gateways read Secrets, which this version does not serve yet"
        case .virtualService, .destinationRule, .namespace, .serviceAccount, .service, .serviceEntry, .workloadEntry,
            .workloadGroup, .peerAuthentication, .authorizationPolicy, .sidecar:
            nil
        }
    }

    private static let needsGateway =
        "it is checked and stored, and no program of this version serves gateways yet: reach the mesh through an enrolled workload"

    /// Whether a VirtualService is for traffic between services, which waypoints route.
    private var isForMesh: Bool {
        guard let gateways = spec?["gateways"]?.asArray, !gateways.isEmpty else { return true }
        return gateways.contains { $0.asString == VirtualServiceSpec.mesh }
    }
}
