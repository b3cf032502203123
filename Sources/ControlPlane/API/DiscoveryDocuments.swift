import MeshModel

/// What clients ask first: which groups, versions and kinds there are. Kubernetes API discovery.
enum DiscoveryDocuments {
    private static let verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]

    /// The document of a discovery path; nil for other paths.
    static func document(_ path: [String]) -> JSONValue? {
        switch path {
        case ["api"]:
            .object([
                "kind": .string("APIVersions"), "versions": .array([.string("v1")]),
                "serverAddressByClientCIDRs": .array([]),
            ])
        case ["apis"]:
            .object([
                "kind": .string("APIGroupList"), "apiVersion": .string("v1"),
                "groups": .array(groups.map { group($0, standsAlone: false) }),
            ])
        case ["api", "v1"]: resources(group: "", version: "v1")
        case let path where path.count == 2 && path[0] == "apis" && groups.contains(path[1]):
            group(path[1], standsAlone: true)
        case let path where path.count == 3 && path[0] == "apis" && versions(path[1]).contains(path[2]):
            resources(group: path[1], version: path[2])
        default: nil
        }
    }

    private static var groups: [String] {
        var groups: [String] = []
        for kind in ResourceKind.allCases where !kind.group.isEmpty && !groups.contains(kind.group) {
            groups.append(kind.group)
        }
        for review in ReviewRoute.allCases where !groups.contains(review.group) { groups.append(review.group) }
        return groups
    }

    private static func versions(_ group: String) -> [String] {
        guard !group.isEmpty else { return [] }
        return ResourceKind.allCases.first { $0.group == group }?.versions
            ?? ReviewRoute.allCases.first { $0.group == group }.map { [$0.version] } ?? []
    }

    private static func group(_ name: String, standsAlone: Bool) -> JSONValue {
        let versions = versions(name).map { version -> JSONValue in
            .object(["groupVersion": .string("\(name)/\(version)"), "version": .string(version)])
        }
        var document: JSONObject = standsAlone ? ["kind": .string("APIGroup"), "apiVersion": .string("v1")] : [:]
        document["name"] = .string(name)
        document["versions"] = .array(versions)
        document["preferredVersion"] = versions.first
        return .object(document)
    }

    private static func resources(group: String, version: String) -> JSONValue {
        let kinds = ResourceKind.allCases.filter { $0.group == group && $0.versions.contains(version) }
        let resources = kinds.flatMap { kind -> [JSONValue] in
            var resource: JSONObject = [
                "name": .string(kind.plural), "singularName": .string(kind.singular),
                "namespaced": .bool(kind.isNamespaced), "kind": .string(kind.kind),
                "verbs": .array(verbs.map(JSONValue.string)),
                "shortNames": .array(kind.shortNames.map(JSONValue.string)),
            ]
            if !kind.group.isEmpty { resource["categories"] = .array([.string("istio-io")]) }
            let status: JSONValue = .object([
                "name": .string("\(kind.plural)/status"), "singularName": .string(""),
                "namespaced": .bool(kind.isNamespaced), "kind": .string(kind.kind),
                "verbs": .array(["get", "patch", "update"].map(JSONValue.string)),
            ])
            return kind.hasStatus ? [.object(resource), status] : [.object(resource)]
        }
        let reviews = ReviewRoute.allCases.filter { $0.group == group }.map { review -> JSONValue in
            .object([
                "name": .string(review.resource), "singularName": .string(""), "namespaced": .bool(false),
                "kind": .string(review.kind), "verbs": .array([.string("create")]),
            ])
        }
        return .object([
            "kind": .string("APIResourceList"), "apiVersion": .string("v1"),
            "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"),
            "resources": .array(resources + reviews),
        ])
    }
}
