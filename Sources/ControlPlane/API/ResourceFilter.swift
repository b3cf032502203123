import MeshModel

/// Which objects of a collection a list or watch is about.
struct ResourceFilter: Sendable {
    private let kind: ResourceKind
    private let namespace: String?
    private let labels: LabelSelector
    private let fields: [(name: String, value: String, isEqual: Bool)]

    init(_ place: APIRoute.Place, _ query: [String: String]) throws(APIFailure) {
        kind = place.kind
        namespace = place.namespace
        labels = try LabelSelector(query["labelSelector"] ?? "")
        var fields: [(name: String, value: String, isEqual: Bool)] = []
        for part in (query["fieldSelector"] ?? "").split(separator: ",") {
            let isEqual = !part.contains("!=")
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(sides[0].last == "!" ? sides[0].dropLast() : sides[0])
            guard sides.count == 2, ["metadata.name", "metadata.namespace"].contains(name) else {
                throw APIFailure(
                    400, "BadRequest",
                    "fieldSelector: \"\(part)\" is not supported; only metadata.name and metadata.namespace are")
            }
            fields.append((name, String(sides[1].drop { $0 == "=" }), isEqual))
        }
        self.fields = fields
    }

    /// Whether labels decide: these change, names do not.
    var selectsByLabels: Bool { !labels.isEmpty }

    /// Whether anything but kind and namespace decides.
    var isSelective: Bool { selectsByLabels || !fields.isEmpty }

    /// Whether the object is in the collection at all, whatever its labels.
    func covers(_ resource: Resource) -> Bool {
        resource.kind == kind && (namespace == nil || resource.metadata.namespace == namespace)
            && fields.allSatisfy { field in
                let value = field.name == "metadata.name" ? resource.metadata.name : resource.metadata.namespace
                return (value == field.value) == field.isEqual
            }
    }

    /// Whether the object is selected.
    func selects(_ resource: Resource) -> Bool {
        covers(resource) && labels.selects(resource.metadata.labels)
    }
}
