import MeshModel
import MeshPolicy

/// What is in a namespace, and which policies hold for all of it.
struct NamespaceExplanation {
    private let resource: Resource
    private let mesh: MeshView

    init(_ resource: Resource, _ mesh: MeshView) {
        self.resource = resource
        self.mesh = mesh
    }

    /// Writes the facts.
    func write(into text: inout DescriptionText) {
        let name = resource.metadata.name
        let contents = ResourceKind.allCases.filter(\.isNamespaced).compactMap { kind -> [String]? in
            let count = mesh.all(kind, in: name).count
            return count == 0 ? nil : [kind.plural, "\(count)"]
        }
        text.table("Contains", Table(["RESOURCES", "NUMBER"], rows: contents), whenEmpty: "nothing")
        let workloads = mesh.compiled.workloads.filter { $0.namespace == name }
        text.table("Policies", Explanation.policies(of: workloads, in: mesh))
    }
}
