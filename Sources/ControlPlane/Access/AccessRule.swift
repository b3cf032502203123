import MeshModel

/// One thing that a role allows. The decision and what `kubectl auth can-i --list` shows are made of the same rules.
struct AccessRule: Hashable, Sendable {
    /// Where a rule about resources holds.
    enum Scope: Hashable, Sendable {
        case everywhere
        case namespace(String)
    }

    private static let any = "*"
    private static let reading = ["get", "list", "watch"]
    private static let writing = ["create", "update", "patch", "delete", "deletecollection"]

    var verbs: [String]
    /// API groups and the plurals of resources in them; empty in a rule about paths.
    var groups: [String] = []
    var resources: [String] = []
    /// Names that it is about; all where empty.
    var names: [String] = []
    var scope = Scope.everywhere
    /// Paths that are no resources, `*` at the end for what begins so; empty in a rule about resources.
    var paths: [String] = []

    /// Whether the rule allows it.
    func allows(_ request: AccessRequest) -> Bool {
        guard contains(verbs, request.verb) else { return false }
        switch request.target {
        case .path(let path):
            return paths.contains { rule in
                rule.hasSuffix(Self.any) ? path.hasPrefix(rule.dropLast()) : rule == path
            }
        case .resource(let group, let resource, let subresource, let namespace, let name):
            let whole = subresource.isEmpty ? resource : "\(resource)/\(subresource)"
            guard contains(groups, group), contains(resources, whole), names.isEmpty || names.contains(name) else {
                return false
            }
            switch scope {
            case .everywhere: return true
            case .namespace(let own): return namespace == own
            }
        }
    }

    private func contains(_ list: [String], _ value: String) -> Bool {
        list.contains(Self.any) || list.contains(value)
    }

    /// What everybody with a certificate may do: find out what there is, and what they may do.
    static let everybody: [AccessRule] = [
        AccessRule(
            verbs: ["get"],
            paths: [
                "/", "/api", "/api/*", "/apis", "/apis/*", "/openapi/*", "/version", "/healthz", "/livez", "/readyz",
            ]),
        AccessRule(
            verbs: ["create"], groups: [AccessReview.group],
            resources: [AccessReview.accessResource, AccessReview.rulesResource]),
        AccessRule(verbs: ["create"], groups: [SelfReview.group], resources: [SelfReview.resource]),
    ]

    /// What a role allows beyond that.
    static func rules(of role: AccessRole) -> [AccessRule] {
        switch role {
        case .administrator:
            return [
                AccessRule(verbs: [any], groups: [any], resources: [any]), AccessRule(verbs: [any], paths: [any]),
            ]
        case .editor(let namespace):
            return about(inNamespaces + [.secret], verbs: reading + writing, in: .namespace(namespace))
                + [itself(namespace)]
        case .reader(let namespace?):
            return about(inNamespaces, verbs: reading, in: .namespace(namespace)) + [itself(namespace)]
        case .reader(nil):
            return about(readable, verbs: reading, in: .everywhere)
                + [AccessRule(verbs: ["get"], paths: ["/ambit/v1/status"])]
        }
    }

    private static func about(_ kinds: [ResourceKind], verbs: [String], in scope: Scope) -> [AccessRule] {
        Set(kinds.map(\.group)).sorted().map { group in
            let mine = kinds.filter { $0.group == group }
            return AccessRule(
                verbs: verbs, groups: [group],
                resources: mine.map(\.plural) + mine.filter(\.hasStatus).map { "\($0.plural)/status" }, scope: scope)
        }
    }

    /// The namespace's own object, which its editors and readers may see.
    private static func itself(_ namespace: String) -> AccessRule {
        AccessRule(
            verbs: ["get"], groups: [""], resources: [ResourceKind.namespace.plural], names: [namespace],
            scope: .namespace(namespace))
    }

    private static var readable: [ResourceKind] { ResourceKind.allCases.filter(isConfiguration) }
    private static var inNamespaces: [ResourceKind] { readable.filter(\.isNamespaced) }

    /// Whether a kind is configuration of the mesh, which readers see and editors write; secrets are for editors only, and what lets somebody into the mesh
    /// (tokens, nodes) is the administrator's. No default: a new kind has to be decided on.
    private static func isConfiguration(_ kind: ResourceKind) -> Bool {
        switch kind {
        case .namespace, .serviceAccount, .service, .serviceEntry, .workloadEntry, .workloadGroup, .peerAuthentication,
            .virtualService, .destinationRule, .gateway, .sidecar, .authorizationPolicy:
            true
        // Keys: who may read a namespace must not be able to pose as its gateway.
        case .secret: false
        }
    }
}
