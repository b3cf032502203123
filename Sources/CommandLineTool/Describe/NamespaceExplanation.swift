import MeshModel

/// What is in a namespace, and which policies hold for all of it.
struct NamespaceExplanation {
    private let object: JSONValue
    private let mesh: MeshView

    init(_ object: JSONValue, _ mesh: MeshView) {
        self.object = object
        self.mesh = mesh
    }

    /// Writes the facts.
    func write(into text: inout DescriptionText) {
        let name = MeshView.name(object)
        let contents = ResourceKind.allCases.filter(\.isNamespaced).compactMap { kind -> [String]? in
            let count = mesh.all(kind, in: name).count
            return count == 0 ? nil : [kind.plural, "\(count)"]
        }
        text.table("Contains", Table(["RESOURCES", "NUMBER"], rows: contents), whenEmpty: "nothing")
        let wide = [ResourceKind.peerAuthentication, .authorizationPolicy].flatMap { kind in
            [name, MeshView.rootNamespace].flatMap { mesh.all(kind, in: $0) }.filter {
                $0["spec"]?["selector"]?["matchLabels"] == nil && !MeshView.hasTargets($0)
            }.map {
                [
                    "\(kind.singular)/\(MeshView.name($0)) (\(MeshView.namespace($0)))",
                    PolicyExplanation.effect(kind, $0),
                ]
            }
        }
        text.table("Policies", Table(["POLICY (NAMESPACE)", "DOES"], rows: wide))
    }
}
