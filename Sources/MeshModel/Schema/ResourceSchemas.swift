/// The schemas of the kinds that are served: what `kubectl explain` shows and clients check, recorded from validation.
package enum ResourceSchemas {
    /// The schema of a whole document of a kind.
    package static func schema(of kind: ResourceKind) -> FieldSchema { all[kind] ?? record(kind) }

    /// Recorded once; validation's questions do not change while the program runs.
    private static let all: [ResourceKind: FieldSchema] = Dictionary(
        uniqueKeysWithValues: ResourceKind.allCases.map { ($0, record($0)) })

    private static func record(_ kind: ResourceKind) -> FieldSchema {
        let recorder = SchemaRecorder()
        Validation.describe(kind, to: recorder)
        return FieldSchema(recorder.form, about: about(kind))
    }

    private static func about(_ kind: ResourceKind) -> String {
        switch kind {
        case .namespace: "A namespace: the part of the mesh that names and policies belong to."
        case .serviceAccount: "A service account: an identity that workloads of its namespace can have."
        case .service:
            "A service: a name and an address for the workloads that a selector picks. Workloads are the WorkloadEntries of "
                + "the same namespace."
        case .serviceEntry: "A service by host names, inside or outside of the mesh, with its own endpoints."
        case .workloadEntry: "A workload: where it is, what its labels are, which service account it runs as."
        case .workloadGroup: "What the workloads of one kind have in common: the template of their WorkloadEntries."
        case .virtualService:
            "Where the requests and connections to some hosts go, and what is done with them on the way."
        case .destinationRule:
            "How connections to a host's endpoints are made and shared, and which of them are subsets."
        case .gateway: "What gateways listen for: ports, hosts and certificates."
        case .sidecar: "Accepted without effect: an ambient mesh has no sidecars."
        case .secret: "Certificates and keys that gateways and TLS origination name by credentialName."
        case .peerAuthentication: "Whether workloads take connections without mutual TLS."
        case .authorizationPolicy:
            "Who may connect to the workloads that it selects. DENY goes before ALLOW; a workload with an ALLOW policy takes "
                + "only what one of them allows."
        }
    }
}
