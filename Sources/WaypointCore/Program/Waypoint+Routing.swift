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
        let made = compiler.compile(state.snapshot, resources.networking)
        switch membership.next(isWhole: made.isWhole, isLeaving: isLeaving, now: loop.now) {
        case .act: publish(made)
        case .hold: break
        case .begin:
            registration?.update()
            loop.schedule(after: Membership.limit) { [weak self] in
                // Whole ones that came meanwhile may have been followed by another that is not, with a limit of its own.
                guard let self, case .missing = membership else { return }
                compile()
            }
        case .giveUp:
            NodeLog(logger, "routes")(
                .warn,
                "the control plane has not taken this \(configuration.role.word) for an endpoint of its Service for \(DurationText.text(Membership.limit)): either its Service or its node's grant is gone (ambitctl \(configuration.role.word) status), or ambitd is older and does not send the Service; it acts by what it is sent"
            )
            publish(made)
        }
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

    /// Opens and closes the ports of a gateway as Gateways say, from the moment on at which it can send anything on.
    func openPorts() {
        guard let doors, !isDraining, !workers.isEmpty, doors.isServing || routes.state.own != nil else { return }
        doors.serve(Set((routes.state.gateway?.ports ?? [:]).keys))
    }
}
