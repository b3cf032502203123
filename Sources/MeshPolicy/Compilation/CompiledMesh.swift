package import MeshModel

/// What nodes are told about the mesh: the result of a compilation. Everything is sorted by its name on the wire, so equal
/// resources compile to equal values in whatever order they came.
package struct CompiledMesh: Sendable, Equatable {
    /// By uid.
    package var workloads: [Workload] = []
    /// By namespace and host name.
    package var services: [Service] = []
    /// By namespace and name.
    package var policies: [Authorization] = []
    /// What has no effect, or another than its author may expect.
    package var warnings: [CompilationWarning] = []
    /// The automatic addresses in force after this compilation: store them before anything is sent.
    package var virtualAddresses = VirtualAddresses()

    /// An empty mesh.
    package init() {}
}
