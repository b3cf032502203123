/// The kinds that are served, with their names in the API. DESIGN D6; versions as I 1.0.
package enum ResourceKind: String, CaseIterable, Hashable, Sendable {
    case namespace = "Namespace"
    case serviceAccount = "ServiceAccount"
    case service = "Service"
    case serviceEntry = "ServiceEntry"
    case workloadEntry = "WorkloadEntry"
    case workloadGroup = "WorkloadGroup"
    case virtualService = "VirtualService"
    case destinationRule = "DestinationRule"
    case gateway = "Gateway"
    case sidecar = "Sidecar"
    case secret = "Secret"
    case peerAuthentication = "PeerAuthentication"
    case authorizationPolicy = "AuthorizationPolicy"

    /// The kind as YAML names it.
    package var kind: String { rawValue }

    /// The API group; empty for the core group.
    package var group: String {
        switch self {
        case .namespace, .serviceAccount, .service, .secret: ""
        case .serviceEntry, .workloadEntry, .workloadGroup, .virtualService, .destinationRule, .gateway, .sidecar:
            "networking.istio.io"
        case .peerAuthentication, .authorizationPolicy: "security.istio.io"
        }
    }

    /// All versions that are served, the storage version first.
    package var versions: [String] {
        switch group {
        case "": ["v1"]
        case "networking.istio.io": ["v1", "v1beta1", "v1alpha3"]
        default: ["v1", "v1beta1"]
        }
    }

    /// The version that objects are stored in.
    package var storageVersion: String { "v1" }

    /// `v1` or `group/v1`.
    package func apiVersion(_ version: String? = nil) -> String {
        group.isEmpty ? version ?? storageVersion : "\(group)/\(version ?? storageVersion)"
    }

    /// The plural in the API's paths.
    package var plural: String {
        switch self {
        case .serviceEntry: "serviceentries"
        case .workloadEntry: "workloadentries"
        case .authorizationPolicy: "authorizationpolicies"
        default: singular + "s"
        }
    }

    /// The singular, in lower case.
    package var singular: String { rawValue.lowercased() }

    /// Short names, as kubectl takes them.
    package var shortNames: [String] {
        switch self {
        case .namespace: ["ns"]
        case .serviceAccount: ["sa"]
        case .service: ["svc"]
        case .serviceEntry: ["se"]
        case .workloadEntry: ["we"]
        case .workloadGroup: ["wg"]
        case .virtualService: ["vs"]
        case .destinationRule: ["dr"]
        case .gateway: ["gw"]
        case .sidecar, .secret: []
        case .peerAuthentication: ["pa"]
        case .authorizationPolicy: ["ap"]
        }
    }

    /// Whether objects live in a namespace.
    package var isNamespaced: Bool { self != .namespace }

    /// Whether it has the `status` subresource.
    package var hasStatus: Bool { self != .serviceAccount && self != .secret }

    /// The kind that an `apiVersion` and `kind` name; nil where it is not served.
    package static func named(_ kind: String, apiVersion: String) -> ResourceKind? {
        ResourceKind(rawValue: kind).flatMap { found in
            found.versions.contains { found.apiVersion($0) == apiVersion } ? found : nil
        }
    }

    /// The kind at a path of the API.
    package static func at(group: String, version: String, plural: String) -> ResourceKind? {
        allCases.first { $0.group == group && $0.plural == plural && $0.versions.contains(version) }
    }
}
