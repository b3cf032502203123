import MeshModel

/// What a path of the API names. Kubernetes API conventions, "resource paths".
enum APIRoute: Hashable {
    /// The kind, the version that the client speaks, and where.
    struct Place: Hashable {
        var kind: ResourceKind
        var version: String
        /// Nil for all namespaces, and for kinds without.
        var namespace: String?

        /// The `apiVersion` of what is answered.
        var apiVersion: String { kind.apiVersion(version) }

        /// An object's document as the client's version of the API has it.
        func document(of resource: Resource) -> JSONValue {
            var object = resource.object
            object["apiVersion"] = .string(apiVersion)
            return object
        }
    }

    /// All objects of a kind at a place.
    case collection(Place)
    /// One object, or a subresource of it.
    case object(Place, name: String, subresource: String?)

    /// The route of path pieces such as `apis/networking.istio.io/v1/namespaces/shop/serviceentries/a`; nil for other paths.
    init?(_ path: [String]) {
        var rest = path[...]
        let group: String
        switch rest.popFirst() {
        case "api": group = ""
        case "apis":
            guard let named = rest.popFirst() else { return nil }
            group = named
        default: return nil
        }
        guard let version = rest.popFirst() else { return nil }
        var namespace: String?
        // `namespaces/x` alone is the object itself; with more behind it, it is where that is.
        if rest.first == "namespaces", rest.count > 2, rest[rest.startIndex + 2] != "status" {
            namespace = rest[rest.startIndex + 1]
            rest = rest.dropFirst(2)
        }
        guard let plural = rest.popFirst(),
            let kind = ResourceKind.at(group: group, version: version, plural: plural),
            kind.isNamespaced || namespace == nil
        else { return nil }
        let place = Place(kind: kind, version: version, namespace: namespace)
        guard let name = rest.popFirst() else {
            self = .collection(place)
            return
        }
        let subresource = rest.popFirst()
        guard rest.isEmpty, subresource == nil || (subresource == "status" && kind.hasStatus),
            !kind.isNamespaced || namespace != nil
        else { return nil }
        self = .object(place, name: name, subresource: subresource)
    }
}
