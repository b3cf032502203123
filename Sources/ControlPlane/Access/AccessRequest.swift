import MeshModel

/// What somebody wants to do, in Kubernetes' words (SubjectAccessReview attributes).
package struct AccessRequest: Hashable, Sendable {
    /// What it is done to.
    package enum Target: Hashable, Sendable {
        /// Objects: the plural of the kind, `*` for all; an empty namespace is all of them, an empty name all objects.
        case resource(group: String, resource: String, subresource: String, namespace: String, name: String)
        /// A path that is no resource.
        case path(String)
    }

    package var verb: String
    package var target: Target

    package init(verb: String, target: Target) {
        self.verb = verb
        self.target = target
    }

    /// What a call of the API wants.
    init(_ call: APICall, _ route: APIRoute?) {
        let isWatch = call.flag("watch")
        switch route {
        case nil:
            if let review = ReviewRoute(call.path), call.method == "POST" {
                verb = "create"
                target = .resource(
                    group: review.group, resource: review.resource, subresource: "", namespace: "", name: "")
            } else {
                verb = call.method.lowercased()
                target = .path("/" + call.path.joined(separator: "/"))
            }
        case .collection(let place)?:
            verb =
                switch call.method {
                case "GET", "HEAD": isWatch ? "watch" : "list"
                case "POST": "create"
                case "DELETE": "deletecollection"
                default: call.method.lowercased()
                }
            target = .resource(
                group: place.kind.group, resource: place.kind.plural, subresource: "", namespace: place.namespace ?? "",
                name: "")
        case .object(let place, let name, let subresource)?:
            verb =
                switch call.method {
                case "GET", "HEAD": isWatch ? "watch" : "get"
                case "PUT": "update"
                default: call.method.lowercased()
                }
            // A namespace is in itself, as in Kubernetes.
            target = .resource(
                group: place.kind.group, resource: place.kind.plural, subresource: subresource ?? "",
                namespace: place.kind == .namespace ? name : place.namespace ?? "", name: name)
        }
    }

    /// What a refusal says about it: `services "web" is forbidden: User "jane" cannot delete resource "services" in API group ""
    /// in the namespace "shop"`.
    func refusal(of user: String) -> String {
        switch target {
        case .path(let path): return "forbidden: User \"\(user)\" cannot \(verb) path \"\(path)\""
        case .resource(let group, let resource, let subresource, let namespace, let name):
            let whole = subresource.isEmpty ? resource : "\(resource)/\(subresource)"
            let title = (group.isEmpty ? whole : "\(whole).\(group)") + (name.isEmpty ? "" : " \"\(name)\"")
            let isInNamespace = !namespace.isEmpty && resource != ResourceKind.namespace.plural
            let place = isInNamespace ? "in the namespace \"\(namespace)\"" : "at the cluster scope"
            return
                "\(title) is forbidden: User \"\(user)\" cannot \(verb) resource \"\(whole)\" in API group \"\(group)\" "
                + place
        }
    }
}
