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
        loop.schedule(after: ConfiguredFiles.lookInterval) { [weak self] in
            guard let self, !isDraining else { return }
            if compiler.haveFilesChanged() { changed() }
            watchFiles()
        }
    }

    /// Compiles what acts on requests, hands it to the workers, and says what its authors may not expect.
    func compile() {
        let made = compiler.compile(
            state.snapshot, resources.networking, former: isLeaving ? routes.state.own : nil)
        guard startUp.isOver(for: made) else { return waitForTheWhole() }
        publish(made)
    }

    /// Acts by what is known at the start, which is what was known before.
    func publishStored() { publish(compiler.compile(state.snapshot, resources.networking)) }

    private func publish(_ made: RoutingState) {
        routes.publish(made)
        let log = NodeLog(logger, "routes")
        // What goes to a gateway's nodes only has not come before it has registered itself.
        if configuration.role == .waypoint || made.own != nil {
            for note in made.notes where !notes.contains(note) { log(.warn, note) }
            notes = made.notes
        }
        openPorts()
        // What the Service selects by is what this process is known by.
        guard let labels = made.gateway?.labels, labels != reported else { return }
        reported = labels
        registration?.update()
    }

    /// How long the whole is waited for, at the start.
    private static let startUpLimit: Duration = .seconds(5)

    private func waitForTheWhole() {
        guard case .unbegun = startUp else { return }
        startUp = .waiting
        loop.schedule(after: Self.startUpLimit) { [weak self] in
            guard let self, case .waiting = startUp else { return }
            startUp = .over
            NodeLog(logger, "routes")(
                .warn,
                "not all has come from the control plane within \(DurationText.text(Self.startUpLimit)): either this \(configuration.role.word) is no endpoint of its Service yet, or ambitd is older and does not send that Service; it acts by what has come"
            )
            compile()
        }
    }

    /// Opens and closes the ports of a gateway as Gateways say, from the moment on at which it can send anything on.
    func openPorts() {
        guard let doors, !isDraining, !workers.isEmpty, doors.isServing || routes.state.own != nil else { return }
        doors.serve(Set((routes.state.gateway?.ports ?? [:]).keys))
    }
}
