extension ResourceKind {
    /// What a valid object of this kind does not do yet; nil for kinds that are in force once they are stored. Who writes one
    /// reads it each time, so that nobody takes "created" for "traffic moved".
    package var standing: String? {
        switch self {
        case .virtualService, .destinationRule:
            "it is checked and stored, and the waypoint of this version does not act on it yet: requests go to any workload of "
                + "their service"
        case .gateway:
            "it is checked and stored, and no program of this version serves gateways yet: reach the mesh through an enrolled "
                + "workload"
        // A Secret is there for gateways; a Sidecar's own warning says that it never has an effect.
        case .secret: "it is stored, and only gateways read Secrets, which this version does not serve yet"
        case .namespace, .serviceAccount, .service, .serviceEntry, .workloadEntry, .workloadGroup, .peerAuthentication,
            .authorizationPolicy, .sidecar:
            nil
        }
    }
}
