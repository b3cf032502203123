import MeshRuntime
import MeshTelemetry
import NodeCore

/// What acts on requests, from what the mesh is told.
extension Waypoint {
    /// The mesh has changed; what changes in one turn of the loop is compiled once.
    func changed() {
        guard !isCompiling else { return }
        isCompiling = true
        loop.schedule(after: .zero) { [self] in
            isCompiling = false
            compile()
        }
    }

    /// Looks at the files that what acts on requests names, every few seconds.
    func watchFiles() {
        loop.schedule(after: EndpointTLSLoader.lookInterval) { [weak self] in
            guard let self, !isDraining else { return }
            if compiler.haveFilesChanged() { changed() }
            watchFiles()
        }
    }

    /// Compiles what acts on requests, hands it to the workers, and says what its authors may not expect.
    func compile() {
        let made = compiler.compile(state.snapshot, resources.networking)
        routes.publish(made)
        let log = NodeLog(logger, "routes")
        for note in made.notes where !notes.contains(note) { log(.warn, note) }
        notes = made.notes
    }
}
