/// One line a write, and one a refusal: who, what, and how it ended. Values that are not one plain word are in quotes.
struct AuditLine: CustomStringConvertible {
    let user: APIUser
    let request: AccessRequest
    let isDryRun: Bool
    let status: Int
    /// Kubernetes' word for a refusal; empty where it was done.
    let reason: String

    var description: String {
        var parts = [("user", user.name), ("groups", user.groups.joined(separator: ",")), ("verb", request.verb)]
        switch request.target {
        case .path(let path): parts.append(("path", path))
        case .resource(let group, let resource, let subresource, let namespace, let name):
            let whole = subresource.isEmpty ? resource : "\(resource)/\(subresource)"
            parts.append(("resource", group.isEmpty ? whole : "\(whole).\(group)"))
            if !namespace.isEmpty { parts.append(("namespace", namespace)) }
            if !name.isEmpty { parts.append(("name", name)) }
        }
        if isDryRun { parts.append(("dryRun", "true")) }
        parts.append(("status", "\(status)"))
        if !reason.isEmpty { parts.append(("reason", reason)) }
        return "audit " + parts.map { "\($0.0)=\(LogText.value($0.1))" }.joined(separator: " ")
    }
}
