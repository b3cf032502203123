/// The canonical service of a workload: what telemetry groups by (Istio's labels and their precedence).
struct CanonicalService {
    let name: String
    let revision: String

    init(labels: [String: String], workloadName: String) {
        name =
            Self.first(
                ["service.istio.io/canonical-name", "app.kubernetes.io/name", "app"], in: labels) ?? workloadName
        revision =
            Self.first(
                ["service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"], in: labels) ?? "latest"
    }

    private static func first(_ keys: [String], in labels: [String: String]) -> String? {
        for key in keys {
            if let value = labels[key], !value.isEmpty { return value }
        }
        return nil
    }
}
